// `media`: what of mine is on. An observer who may not speak has no microphone that is on, and none has a camera or a screen.
import { may, type Said, type Verb } from "../verb.ts";

export const media: Verb<Said<"media">> = {
  who: "everybody",
  refusal: null,
  handle: ({ room, member, me, message: { microphone, camera, screen } }) => {
    if (!microphone) member.mutedBy = null;
    const seen = me.role !== "observer";
    room.change(me.id, {
      microphone: microphone && may("speakers", me, room),
      camera: camera && seen,
      screen: seen ? screen : null,
    });
  },
};
