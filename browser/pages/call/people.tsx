// Who is here, observers among them, and what the host may do about it.
import { ArrowUp, Hand, MicOff, UserX, VolumeX } from "lucide-preact";
import type { Participant } from "../../../protocol/call.ts";
import type { Bars as Count } from "../../call/link.ts";
import { t } from "../words.ts";
import { Bars } from "./bars.tsx";
import { DrawerFrame } from "./drawer.tsx";
import type { CallScreen } from "./screen.ts";

interface Person {
  participant: Participant;
  bars: Count | null;
}

export function PeopleDrawer({ screen }: { screen: CallScreen }) {
  const { me, others } = screen.visit.view.value;
  const unseen = others.filter(({ participant }) => participant.role === "observer");
  const all: Person[] = [...(me ? [{ participant: me, bars: null }] : []), ...screen.faces, ...unseen];
  const of = (observers: boolean) => all.filter(({ participant }) => (participant.role === "observer") === observers);
  const observers = of(true);
  const people = of(false).toSorted((a, b) => (a.participant.handMs ?? Infinity) - (b.participant.handMs ?? Infinity));
  return (
    <DrawerFrame title={t("call:people.title")} onClose={() => screen.toggle("people")}>
      <div class="drawer-body">
        <ul class="people" aria-label={t("drawer:people.list", { count: people.length })}>
          {people.map((person) => (
            <Row key={person.participant.id} screen={screen} person={person} />
          ))}
        </ul>
        <section>
          <h3>{t("drawer:people.observers", { count: observers.length })}</h3>
          <p class="small soft">{t("drawer:people.watching")}</p>
          {observers.length > 0 && (
            <ul class="people" aria-label={t("drawer:people.observers", { count: observers.length })}>
              {observers.map((person) => (
                <Row key={person.participant.id} screen={screen} person={person} />
              ))}
            </ul>
          )}
        </section>
        {me?.hosting && <Rules screen={screen} />}
      </div>
    </DrawerFrame>
  );
}

function Row({ screen, person: { participant, bars } }: { screen: CallScreen; person: Person }) {
  const { me } = screen.visit.view.value;
  const { id, name, role, hosting, microphone, handMs } = participant;
  const mine = id === me?.id;
  return (
    <li>
      <span class="people-name">
        {mine ? t("call:you", { name }) : name}
        {hosting && <span class="small soft"> {t("drawer:people.host")}</span>}
      </span>
      {handMs !== null && (
        <span class="people-hand">
          <Hand size={16} aria-hidden="true" />
          <span class="unseen">{t("call:hand.up")}</span>
        </span>
      )}
      {!microphone && role !== "observer" && (
        <span>
          <MicOff size={16} aria-hidden="true" />
          <span class="unseen">{t("call:tile.muted")}</span>
        </span>
      )}
      {bars !== null && <Bars bars={bars} name={name} />}
      {screen.faces.findIndex((face) => face.participant.id === id) > 0 && (
        <button
          type="button"
          class="button quiet square"
          aria-label={t("drawer:people.forward", { name })}
          title={t("drawer:people.forward", { name })}
          onClick={() => forward(screen, id)}
        >
          <ArrowUp size={20} aria-hidden="true" />
        </button>
      )}
      {me?.hosting && !mine && (
        <span class="row">
          <button
            type="button"
            class="button quiet square"
            aria-label={t("drawer:people.mute", { name })}
            title={t("drawer:people.mute", { name })}
            disabled={!microphone}
            onClick={() => screen.visit.ask({ type: "mute", participant: id })}
          >
            <VolumeX size={20} aria-hidden="true" />
          </button>
          <button
            type="button"
            class="button quiet square"
            aria-label={t("drawer:people.remove", { name })}
            title={t("drawer:people.remove", { name })}
            disabled={role === "host"}
            onClick={() => screen.open({ remove: { id, name } })}
          >
            <UserX size={20} aria-hidden="true" />
          </button>
        </span>
      )}
    </li>
  );
}

/** One place forward on my screen; nobody else's changes. */
function forward(screen: CallScreen, id: string): void {
  const ids = screen.faces.map(({ participant }) => participant.id);
  const at = ids.indexOf(id);
  ids.splice(at, 1);
  ids.splice(Math.max(0, at - 1), 0, id);
  screen.moved.value = ids;
}

function Rules({ screen }: { screen: CallScreen }) {
  const { rules } = screen.visit.view.value;
  const choice = (name: keyof typeof rules) => (
    <div class="check">
      <input
        id={`rule-${name}`}
        type="checkbox"
        checked={rules[name]}
        aria-describedby={`rule-${name}-words`}
        onChange={({ currentTarget: box }) => {
          screen.visit.ask({ type: "rules", rules: { ...rules, [name]: box.checked } });
          // What holds is what the server has said: nobody may believe a room locked that is not.
          box.checked = rules[name];
        }}
      />
      <label for={`rule-${name}`}>{t(`drawer:rules.${name}`)}</label>
      <p id={`rule-${name}-words`} class="small soft">
        {t(`drawer:rules.${name}Words`)}
      </p>
    </div>
  );
  return (
    <section class="rules">
      <h3>{t("drawer:rules.title")}</h3>
      {choice("locked")}
      {choice("observersSpeak")}
      {choice("keepWhispers")}
      <button type="button" class="button wide" onClick={() => screen.open("end")}>
        {t("drawer:end.open")}
      </button>
    </section>
  );
}
