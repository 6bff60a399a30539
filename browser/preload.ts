// Brings a part of a page: its code and its styles at the same time. The build puts this in the place of Vite's own (`vite.config.ts`), which is
// four times as long and lets the code wait for the styles.
// Promise: a part is handed over when its styles hold, or not at all; what could not be loaded is asked for anew by the next try.

const styles = new Map<string, Promise<void>>();

/** `paths`: of style sheets, below the root of the site. */
export async function preload<T>(load: () => Promise<T>, paths: readonly string[] = []): Promise<T> {
  const [part] = await Promise.all([load(), ...paths.map(style)]);
  return part;
}

function style(path: string): Promise<void> {
  const known = styles.get(path);
  if (known) return known;
  const link = document.createElement("link");
  const coming = new Promise<void>((resolve, reject) => {
    link.onload = () => resolve();
    link.onerror = () => {
      styles.delete(path);
      link.remove();
      reject(new Error(`could not be loaded: ${path}`));
    };
  });
  styles.set(path, coming);
  link.rel = "stylesheet";
  link.href = `/${path}`;
  document.head.append(link);
  return coming;
}
