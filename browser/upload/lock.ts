// One owner per track over all tabs of this browser, by Web Locks: the browser itself lets go when a tab dies.

export type Release = () => void;

const free: Release = () => undefined;

/** Null when somebody else holds it and `wait` is false. Where the browser has no locks, or none for this page, nobody else can hold it: a page that is
 * not secure, or that may store nothing, shares no outbox with another tab. */
export async function hold(track: string, wait: boolean): Promise<Release | null> {
  if (!navigator.locks) return free;
  try {
    return await new Promise<Release | null>((resolve, reject) => {
      navigator.locks
        .request(`doubletake-track-${track}`, { ifAvailable: !wait }, (lock) => {
          if (!lock) {
            resolve(null);
            return undefined;
          }
          return new Promise<void>((release) => resolve(release));
        })
        .catch(reject);
    });
  } catch (error) {
    console.warn(`uploads: track=${track} no lock`, error);
    return free;
  }
}
