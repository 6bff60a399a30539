// First step of `npm test`: what the journeys need and a machine may lack. On Debian as root it installs that through apt, saying so;
// elsewhere it names what to install and exits 1. No journey is ever left out because a program is missing.
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import process from "node:process";

/** Debian names both program and package; the paths are where the packages put them, so that a bare PATH does not matter. */
const needed = [
  { program: "/usr/bin/chromium", package: "chromium", why: "a participant's browser" },
  { program: "/usr/bin/firefox-esr", package: "firefox-esr", why: "the other participant's browser" },
  { program: "/usr/bin/turnserver", package: "coturn", why: "calls that must go through a relay" },
  { program: "/usr/sbin/ip", package: "iproute2", why: "networks between participants that lose, delay and break" },
  { program: "/usr/bin/pulseaudio", package: "pulseaudio", why: "a sound device, without which Firefox makes no sound" },
  {
    program: `/usr/lib/${process.arch === "arm64" ? "aarch64" : "x86_64"}-linux-gnu/libvulkan.so.1`,
    package: "libvulkan1",
    why: "what FFmpeg's whisper filter calls",
  },
  { program: "/usr/bin/gcc", package: "gcc", why: "a participant's computer whose clocks are wrong" },
];

const missing = () => needed.filter((each) => !existsSync(each.program));

function run(command, args) {
  console.log(`journeys: ${command} ${args.join(" ")}`);
  const path = [process.env.PATH, "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"].filter(Boolean).join(":");
  const env = { ...process.env, PATH: path, DEBIAN_FRONTEND: "noninteractive" };
  const { status, error } = spawnSync(command, args, { stdio: ["ignore", "inherit", "inherit"], env });
  if (error) console.error(`journeys: ${command}: ${error.message}`);
  return status === 0;
}

const lacking = missing();
if (lacking.length > 0) {
  for (const each of lacking) console.log(`journeys: ${each.program} is missing (${each.why})`);
  const packages = lacking.map((each) => each.package);
  const apt = "/usr/bin/apt-get";
  if (existsSync(apt) && process.getuid?.() === 0) {
    console.log(`journeys: installing ${packages.join(", ")}`);
    run(apt, ["update", "-q"]);
    run(apt, ["install", "-y", "-q", "--no-install-recommends", ...packages]);
  }
  const still = missing();
  if (still.length > 0) {
    console.error(
      `journeys: the tests need ${still.map((each) => each.package).join(", ")}; as root: apt-get install ${still.map((each) => each.package).join(" ")}`,
    );
    process.exit(1);
  }
}
