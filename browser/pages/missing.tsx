// An address that leads nowhere.
import { Failure } from "./failure.tsx";
import { Frame } from "./frame.tsx";

export function Missing() {
  return (
    <Frame>
      <Failure
        title="There is no page at this address"
        actions={
          <a class="button primary" href="/">
            Go to the start page
          </a>
        }
      >
        If somebody sent you this link, check that it was copied whole, with everything after the # sign.
      </Failure>
    </Frame>
  );
}
