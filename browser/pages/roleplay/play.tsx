// The role play beside the call: a button that says one's role and the time left, and the drawer with card, goals and, for the host, who plays what.
// Loaded only where there is a role play or somebody wants one. Promise: shows the cards that came, which are one's own or an observer's, as text.
import { Drama, Repeat2, Shuffle } from "lucide-preact";
import { useEffect, useMemo, useRef } from "preact/hooks";
import { Play } from "../../../protocol/scenario.ts";
import { announce } from "../announce.tsx";
import { DrawerFrame } from "../call/drawer.tsx";
import type { CallScreen } from "../call/screen.ts";
import { clockText } from "../time.ts";
import { t } from "../words.ts";
import { ring, sounds, switchBell } from "./bell.ts";
import { CardOf } from "./card.tsx";
import { ScenarioChoice } from "./choice.tsx";
import { dueOf } from "./limit.ts";
import "./roleplay.css";
import { useLeft } from "./left.ts";

/** Beside the stage there is room for a card from this width on. */
const roomy = "(min-width: 64.01rem)";

export function RolePlay({ screen }: { screen: CallScreen }) {
  const { play: came, recording, me } = screen.visit.view.value;
  const play = useMemo(() => parsed(came), [came]);
  const leftMs = useLeft(play?.limitMs ?? null, recording);
  const opened = useRef(false);
  const open = screen.drawer.value === "play";
  useEffect(() => {
    if (!play || opened.current) return;
    opened.current = true;
    // Not over what somebody reads or writes just now, nor over faces.
    if (screen.drawer.value === null && window.matchMedia(roomy).matches) screen.toggle("play");
  }, [!play]);
  useEffect(() => {
    if (open && !play && !me?.hosting) screen.toggle("play");
  }, [open, !play, me?.hosting]);
  useTold(play);
  useBell(play, leftMs);
  return (
    <>
      {play && <Chip screen={screen} play={play} leftMs={leftMs} />}
      {open && (
        <DrawerFrame title={t("play:title")} onClose={() => screen.toggle("play")}>
          <div class="drawer-body play">
            {play ? <Shown screen={screen} play={play} leftMs={leftMs} /> : <p class="soft">{t("play:words")}</p>}
            {me?.hosting && <ForHost screen={screen} play={play} />}
          </div>
        </DrawerFrame>
      )}
    </>
  );
}

/** What another version of the server says is passed over: the call goes on. */
function parsed(came: unknown): Play | null {
  if (!came) return null;
  const result = Play.safeParse(came);
  if (!result.success) console.warn("a role play that is not understood", result.error);
  return result.success ? result.data : null;
}

const titleOf = (play: Play) => play.roles.find(({ id }) => id === play.mine)?.title;

/** A new role is said once; the first one, too. */
function useTold(play: Play | null): void {
  const told = useRef<string | null>(null);
  useEffect(() => {
    const title = play && titleOf(play);
    if (title && play.mine !== told.current) announce(t("play:yourRole", { role: title }));
    if (play) told.current = play.mine;
  }, [play?.mine]);
}

function useBell(play: Play | null, leftMs: number | null): void {
  const before = useRef<number | null>(null);
  useEffect(() => {
    const due = play?.limitMs && leftMs !== null ? dueOf(play.limitMs, before.current, leftMs) : null;
    before.current = leftMs;
    if (due === "soon") announce(t("play:soon"));
    if (due !== "over") return;
    ring();
    announce(t("play:over"));
  }, [leftMs]);
}

function timeOf(leftMs: number): string {
  return leftMs > 0 ? clockText(leftMs + 999) : t("play:overBy", { clock: clockText(-leftMs) });
}

function Chip({ screen, play, leftMs }: { screen: CallScreen; play: Play; leftMs: number | null }) {
  const title = titleOf(play);
  return (
    <button
      type="button"
      class={leftMs !== null && leftMs <= 0 ? "play-chip over" : "play-chip"}
      aria-expanded={screen.drawer.value === "play"}
      onClick={() => screen.toggle("play")}
    >
      <Drama size={20} aria-hidden="true" />
      <span class={title ? "play-chip-role wide" : "play-chip-role"}>{title ? t("play:chip", { role: title }) : t("play:title")}</span>
      {title && <span class="play-chip-role narrow">{title}</span>}
      {leftMs !== null && <span class="play-time">{timeOf(leftMs)}</span>}
    </button>
  );
}

function Shown({ screen, play, leftMs }: { screen: CallScreen; play: Play; leftMs: number | null }) {
  const watching = screen.visit.view.value.me?.role === "observer";
  return (
    <>
      <div>
        <h3>{play.title}</h3>
        {play.description && <p class="play-words soft">{play.description}</p>}
        {play.limitMs !== null && (
          <p class="play-limit" role="timer">
            {leftMs === null
              ? t("play:limit", { count: Math.round(play.limitMs / 6000) / 10 })
              : t(leftMs > 0 ? "play:left" : "play:timeOver", { clock: timeOf(leftMs) })}
          </p>
        )}
      </div>
      {play.cards.map((card) => (
        <CardOf key={card.role} card={card} title={play.roles.find(({ id }) => id === card.role)?.title ?? card.role} mine={!watching} />
      ))}
      <p class="small soft">{t(watching ? "play:allCards" : play.mine === null ? "play:noRole" : "play:onlyYou")}</p>
      {play.goals.length > 0 && (
        <section>
          <h3 id="play-goals">{t("play:goals")}</h3>
          <ul class="play-goals" aria-labelledby="play-goals">
            {play.goals.map((goal) => (
              <li key={goal} dir="auto">
                {goal}
              </li>
            ))}
          </ul>
        </section>
      )}
      <Roles screen={screen} play={play} />
      {play.limitMs !== null && (
        <div class="check">
          <input id="play-bell" type="checkbox" checked={sounds.value} onChange={(event) => switchBell(event.currentTarget.checked)} />
          <label for="play-bell">{t("play:bell")}</label>
          <p class="small soft">{t("play:bellWords")}</p>
        </div>
      )}
    </>
  );
}

/** Who plays what; the host gives roles out. */
function Roles({ screen, play }: { screen: CallScreen; play: Play }) {
  const { me, others, state } = screen.visit.view.value;
  const people = [...(me ? [me] : []), ...others.map(({ participant }) => participant)].filter(({ role }) => role !== "observer");
  const nameOf = (id: string, name: string) => (id === me?.id ? t("call:you", { name }) : name);
  return (
    <section>
      <h3 id="play-roles">{t("play:roles")}</h3>
      <ul class="play-roles" aria-labelledby="play-roles">
        {people.map(({ id, name }) => {
          const role = play.roles.find(({ participant }) => participant === id);
          return (
            <li key={id}>
              {me?.hosting ? (
                <>
                  <label for={`role-${id}`}>{nameOf(id, name)}</label>
                  <select
                    id={`role-${id}`}
                    value={role?.id ?? ""}
                    disabled={state !== "joined"}
                    onChange={(event) => screen.visit.ask({ type: "cast", participant: id, role: event.currentTarget.value || null })}
                  >
                    <option value="">{t("play:none")}</option>
                    {play.roles.map((one) => (
                      <option key={one.id} value={one.id}>
                        {one.title}
                      </option>
                    ))}
                  </select>
                </>
              ) : (
                <>
                  <span>{nameOf(id, name)}</span>
                  <span class="soft">{role?.title ?? t("play:none")}</span>
                </>
              )}
            </li>
          );
        })}
      </ul>
    </section>
  );
}

function ForHost({ screen, play }: { screen: CallScreen; play: Play | null }) {
  const { visit } = screen;
  const { recording, beginsMs, state } = visit.view.value;
  const busy = state !== "joined" || beginsMs !== null;
  return (
    <section class="play-host">
      {play && (
        <>
          <button
            type="button"
            class="button primary wide"
            disabled={busy}
            aria-describedby="play-swap-words"
            onClick={(event) => {
              // The second press of a double click must not swap back.
              if (event.detail <= 1) visit.ask({ type: "swap" });
            }}
          >
            <Repeat2 size={20} aria-hidden="true" />
            {t("play:swap")}
          </button>
          <p id="play-swap-words" class="small soft">
            {t(recording ? "play:swapWords" : "play:swapFirst")}
          </p>
          {play.personas > 1 && (
            <button type="button" class="button wide" disabled={busy || recording !== null} onClick={() => visit.ask({ type: "draw" })}>
              <Shuffle size={20} aria-hidden="true" />
              {t("play:draw")}
            </button>
          )}
        </>
      )}
      {recording ? (
        <p class="small soft">{t("play:stays")}</p>
      ) : (
        <details class="play-change" open={!play}>
          <summary>{t(play ? "play:change" : "play:choose")}</summary>
          <ScenarioChoice roomId={visit.options.room} linkKey={visit.options.key} />
        </details>
      )}
    </section>
  );
}
