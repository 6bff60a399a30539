// Steers one video element, without sound, after the film's: looks at both ten times a second, and whenever one of them says that something happened.
import { fresh, type Steered, steer } from "./steering.ts";

const lookMs = 100;
/** A rate that differs by less is the same: setting it costs browsers something. */
const rateGrain = 0.004;
const told = ["play", "playing", "pause", "seeking", "seeked", "ratechange", "waiting", "timeupdate"] as const;

/** `leader`: null while there is none. Until the answer is called. */
export function follow(leader: () => HTMLVideoElement | null, follower: HTMLVideoElement): () => void {
  let memory = fresh;
  const look = () => {
    const film = leader();
    if (!film || follower.readyState < HTMLMediaElement.HAVE_METADATA) return;
    const leaderMoves = !film.paused && !film.ended && !film.seeking && film.readyState > HTMLMediaElement.HAVE_CURRENT_DATA;
    const enough = leaderMoves ? HTMLMediaElement.HAVE_FUTURE_DATA : HTMLMediaElement.HAVE_METADATA;
    const steered = steer(memory, {
      nowMs: performance.now(),
      leaderMs: film.currentTime * 1000,
      leaderRate: film.playbackRate,
      leaderMoves,
      followerMs: follower.currentTime * 1000,
      followerReady: !follower.seeking && follower.readyState >= enough,
      lengthMs: Number.isFinite(follower.duration) ? follower.duration * 1000 : Number.POSITIVE_INFINITY,
    });
    memory = steered.memory;
    obey(follower, steered);
  };
  const film = leader();
  const timer = window.setInterval(look, lookMs);
  for (const event of told) film?.addEventListener(event, look);
  follower.addEventListener("loadedmetadata", look);
  follower.addEventListener("seeked", look);
  return () => {
    window.clearInterval(timer);
    for (const event of told) film?.removeEventListener(event, look);
    follower.removeEventListener("loadedmetadata", look);
    follower.removeEventListener("seeked", look);
    follower.pause();
  };
}

function obey(follower: HTMLVideoElement, { plays, rate, seekMs }: Steered): void {
  if (seekMs !== null) follower.currentTime = seekMs / 1000;
  if (Math.abs(follower.playbackRate - rate) > rateGrain) follower.playbackRate = rate;
  if (!plays) follower.pause();
  else if (follower.paused)
    follower.play().catch((error: unknown) => {
      // Paused again, or sought, before it began: the next look decides anew.
      if (!(error instanceof DOMException && ["AbortError", "NotAllowedError"].includes(error.name))) throw error;
    });
}
