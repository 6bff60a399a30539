import { expect, test } from "vitest";
import { Silence } from "./silence.ts";

const zeros = new Float32Array(64);
const hiss = new Float32Array(64).fill(0, 1).fill(1e-6, 5, 6);

const looks = (seconds: number, open: boolean, samples: Float32Array, silence = new Silence(), from = 0) =>
  Array.from({ length: seconds }, (_, second) => silence.look((from + second) * 1000, open, samples));

test("nothing but zeros for eight seconds is silence, and stays it", () => {
  expect(looks(11, true, zeros)).toEqual([...Array(8).fill(null), "silent", "silent", "silent"]);
});

test("the least hiss is a microphone that works", () => {
  expect(looks(3, true, hiss)).toEqual(["heard", "heard", "heard"]);
});

test("a muted microphone is never called silent, and after unmuting the time begins anew", () => {
  const silence = new Silence();
  expect(looks(60, false, zeros, silence)).toEqual(Array(60).fill(null));
  expect(looks(9, true, zeros, silence, 60)).toEqual([...Array(8).fill(null), "silent"]);
});

test("one sound in between begins the time anew", () => {
  const silence = new Silence();
  looks(6, true, zeros, silence);
  looks(1, true, hiss, silence, 6);
  expect(looks(8, true, zeros, silence, 7)).toEqual(Array(8).fill(null));
});
