// What chance gives the unit tests. Promise: the same worlds in every run of the suite, so that a red run is the fault of what was changed; other
// worlds are drawn with DOUBLETAKE_SEED=<a number> before the command, and a world that fails names its own seed and path.
import fc from "fast-check";

fc.configureGlobal({ seed: Number(process.env.DOUBLETAKE_SEED ?? 20_261_127) });
