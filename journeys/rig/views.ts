// The views of the review page that play people's own tracks, and how far those are from the film.
import type { Person } from "./person.ts";

/** Looked at again after so long. */
const lookMs = 100;
const looksMost = 9;
/** Of fewer there is no middle to be trusted. */
const looksLeast = 5;

const awaySource = `(() => {
  const film = document.querySelector('video[aria-label="Recording"]');
  const people = [...document.querySelectorAll(".person video")];
  if (people.length === 0 || film.paused || film.seeking || people.some(({ seeking, readyState }) => seeking || readyState < 3)) return null;
  return people.map((one) => (one.currentTime - film.currentTime) * 1000);
})()`;

/** How far the `count` tracks on the screen are from the film, ms: the middle one of a second of looks, for what is read of a clock hops by pictures.
 * Empty: they are not all playing. */
export async function away({ page }: Person, count: number): Promise<number[]> {
  const looks: number[][] = [];
  for (let look = 0; look < looksMost; look++) {
    const seen = (await page.evaluate(awaySource)) as number[] | null;
    if (seen?.length === count) looks.push(seen);
    await new Promise((resolve) => setTimeout(resolve, lookMs));
  }
  if (looks.length < looksLeast) return [];
  return Array.from({ length: count }, (_, index) => looks.map((look) => look[index]!).toSorted((a, b) => a - b)[looks.length >> 1]!);
}

/** Chooses a view by the name that its menu gives it. */
export async function chooseView({ page }: Person, view: string): Promise<void> {
  await page.evaluate((name) => {
    const menu = document.querySelector<HTMLSelectElement>('select[aria-label="View"]');
    const option = [...(menu?.options ?? [])].find(({ label }) => label === name);
    if (!menu || !option) throw new Error(`no view ${name}`);
    menu.value = option.value;
    menu.dispatchEvent(new Event("change", { bubbles: true }));
  }, view);
}
