// The page over plain http on a machine that is not this one: browsers then lend no camera. What it means and what to do.
import { Failure } from "../failure.tsx";

export function Insecure() {
  const secureAddress = `https://${window.location.host}`;
  return (
    <Failure
      title="Your browser needs a secure address for this"
      actions={
        <button type="button" class="button" onClick={() => window.location.reload()}>
          Try again
        </button>
      }
    >
      <p>
        This page was opened over plain http ({window.location.origin}), and browsers lend out the camera and microphone only over https, or
        on the very machine the server runs on. Nothing is wrong with your devices.
      </p>
      <ol class="steps">
        <li>Ask whoever runs this server for a link that starts with https://. It may already work at {secureAddress}.</li>
        <li>
          If you run it yourself: put a proxy with a certificate in front, and set its address as public-url. The self-hosting page says
          how.
        </li>
        <li>On the server itself, open http://localhost{window.location.port ? `:${window.location.port}` : ""} instead.</li>
      </ol>
    </Failure>
  );
}
