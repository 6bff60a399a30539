// A sound device for a machine that has none: Pulse with a sink that nobody hears. Without one, Firefox starts no AudioContext at all, and its media
// run on another clock than anybody's Firefox at home.
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { type Place, place } from "./place.ts";
import { poll } from "./poll.ts";

export class Speaker {
  private constructor(
    readonly pulse: ChildProcess,
    private readonly place: Place,
  ) {}

  static async open(): Promise<Speaker> {
    const folder = place("speaker");
    const socket = join(folder.path, "socket");
    const modules = [`module-native-protocol-unix auth-anonymous=1 socket=${socket}`, "module-null-sink sink_name=quiet rate=48000"];
    const settings = ["-n", "--daemonize=no", "--exit-idle-time=-1", "--use-pid-file=no", "--log-level=error"];
    const pulse = spawn("/usr/bin/pulseaudio", [...settings, ...modules.flatMap((each) => ["-L", each])], {
      stdio: "ignore",
      env: { PATH: process.env.PATH, HOME: folder.path, XDG_RUNTIME_DIR: folder.path, PULSE_RUNTIME_PATH: folder.path },
    });
    const failed = new Promise<never>((_, reject) => pulse.once("error", reject));
    const speaker = new Speaker(pulse, folder);
    try {
      await Promise.race([failed, poll(() => pulse.exitCode !== null || existsSync(socket), { what: "a sound device", everyMs: 20 })]);
      if (pulse.exitCode !== null) throw new Error(`pulseaudio ended with ${pulse.exitCode}`);
      return speaker;
    } catch (error) {
      await speaker.close();
      throw error;
    }
  }

  /** Of the program that the sound device is. */
  get pid(): number {
    return this.pulse.pid!;
  }

  /** For the browser's environment. */
  get env(): Record<string, string> {
    return { PULSE_SERVER: `unix:${join(this.place.path, "socket")}` };
  }

  /** After its browsers. */
  async close(): Promise<void> {
    const { pulse } = this;
    if (pulse.pid !== undefined && pulse.exitCode === null && pulse.signalCode === null) {
      const gone = once(pulse, "exit");
      pulse.kill("SIGKILL");
      await gone;
    }
    this.place.close();
  }
}
