// Keeps the screen on during a call: a phone that goes dark stops its camera. Promise: released when asked, and asked for again when the page is seen again.

/** Returns how to let the screen go dark again. */
export function stayAwake(): () => void {
  let over = false;
  let held: WakeLockSentinel | null = null;
  const hold = async () => {
    if (over || document.visibilityState !== "visible" || !("wakeLock" in navigator)) return;
    try {
      held = await navigator.wakeLock.request("screen");
      if (over) await held.release();
    } catch (error) {
      // Refused when the battery is low: the call goes on without it.
      console.warn("the screen cannot be kept on", error);
    }
  };
  const seen = () => void hold();
  document.addEventListener("visibilitychange", seen);
  void hold();
  return () => {
    over = true;
    document.removeEventListener("visibilitychange", seen);
    void held?.release();
  };
}
