// One owner per track over all tabs of this browser, by Web Locks: the browser itself lets go when a tab dies.

export type Release = () => void;

/** Null when somebody else holds it and `wait` is false. */
export function hold(track: string, wait: boolean): Promise<Release | null> {
  // No Web Locks means no secure page, and so no storage that two tabs could share.
  if (!navigator.locks) return Promise.resolve(() => undefined);
  return new Promise((resolve, reject) => {
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
}
