// Keeps a page in the background running while it still sends: browsers freeze a hidden and silent page after some minutes, but none that has
// an open data channel. So the page talks to itself. Promise: closed as soon as it is not needed, and never there while the page is seen.

let wanted = false;
let open: { close(): void } | null = null;

export function keepUnfrozen(needed: boolean): void {
  wanted = needed;
  adjust();
}

/** A page is frozen only while hidden, and hears of being hidden long before. */
document.addEventListener("visibilitychange", adjust);

function adjust(): void {
  const needed = wanted && document.visibilityState === "hidden";
  if (needed === (open !== null)) return;
  open?.close();
  open = needed ? talkToOneself() : null;
}

function talkToOneself(): { close(): void } {
  const [here, there] = [new RTCPeerConnection(), new RTCPeerConnection()];
  const close = () => {
    here.close();
    there.close();
  };
  here.createDataChannel("awake");
  here.onicecandidate = ({ candidate }) => void told(there.addIceCandidate(candidate ?? undefined));
  there.onicecandidate = ({ candidate }) => void told(here.addIceCandidate(candidate ?? undefined));
  void told(connect(here, there));
  return { close };
}

async function connect(here: RTCPeerConnection, there: RTCPeerConnection): Promise<void> {
  await here.setLocalDescription();
  if (here.localDescription) await there.setRemoteDescription(here.localDescription);
  await there.setLocalDescription();
  if (there.localDescription) await here.setRemoteDescription(there.localDescription);
}

/** Without it the upload may pause in the background; it goes on when the page is seen again. */
async function told(step: Promise<void>): Promise<void> {
  try {
    await step;
  } catch (error) {
    console.warn("upload: the page cannot be kept from being frozen", error);
  }
}
