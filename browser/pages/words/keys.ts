// Every key of every page's words, for the compiler: a word that English lacks does not compile. A new page adds its line here.
import type asides from "./en/asides.json";
import type attach from "./en/attach.json";
import type call from "./en/call.json";
import type check from "./en/check.json";
import type checks from "./en/checks.json";
import type clip from "./en/clip.json";
import type common from "./en/common.json";
import type copy from "./en/copy.json";
import type drawer from "./en/drawer.json";
import type errors from "./en/errors.json";
import type feedback from "./en/feedback.json";
import type forhost from "./en/forhost.json";
import type home from "./en/home.json";
import type insecure from "./en/insecure.json";
import type instead from "./en/instead.json";
import type lobby from "./en/lobby.json";
import type noway from "./en/noway.json";
import type play from "./en/play.json";
import type receipt from "./en/receipt.json";
import type refusals from "./en/refusals.json";
import type refused from "./en/refused.json";
import type review from "./en/review.json";
import type safe from "./en/safe.json";
import type solo from "./en/solo.json";
import type state from "./en/state.json";
import type supervisor from "./en/supervisor.json";
import type upload from "./en/upload.json";

export interface Words {
  common: typeof common;
  copy: typeof copy;
  check: typeof check;
  checks: typeof checks;
  clip: typeof clip;
  insecure: typeof insecure;
  errors: typeof errors;
  refusals: typeof refusals;
  forhost: typeof forhost;
  home: typeof home;
  lobby: typeof lobby;
  call: typeof call;
  drawer: typeof drawer;
  receipt: typeof receipt;
  refused: typeof refused;
  safe: typeof safe;
  solo: typeof solo;
  state: typeof state;
  supervisor: typeof supervisor;
  upload: typeof upload;
  noway: typeof noway;
  instead: typeof instead;
  play: typeof play;
  review: typeof review;
  feedback: typeof feedback;
  attach: typeof attach;
  asides: typeof asides;
}

export type Namespace = keyof Words;

declare module "i18next" {
  interface CustomTypeOptions {
    defaultNS: "common";
    resources: Words;
  }
}
