// What of the call's screen is opened by a press: drawers and sheets. Loaded only then.
import { Question } from "../question.tsx";
import { t } from "../words.ts";
import { ChatDrawer } from "./chat.tsx";
import "./drawer.css";
import { RolePlay } from "../roleplay/play.tsx";
import { Handover } from "./handover.tsx";
import { KeySheet } from "./keysheet.tsx";
import { More } from "./more.tsx";
import { NotesDrawer } from "./notes.tsx";
import { PeopleDrawer } from "./people.tsx";
import type { CallScreen } from "./screen.ts";
import { KeptWhispers, Whispered } from "./whispering.tsx";

export function CallExtras({ screen }: { screen: CallScreen }) {
  const { drawer, sheet, visit } = screen;
  const close = () => screen.open(null);
  const open = sheet.value;
  return (
    <>
      {drawer.value === "chat" && <ChatDrawer screen={screen} />}
      {drawer.value === "people" && <PeopleDrawer screen={screen} />}
      {drawer.value === "notes" && <NotesDrawer screen={screen} />}
      <KeptWhispers screen={screen} />
      <Whispered screen={screen} />
      <RolePlay screen={screen} />
      {open === "more" && <More screen={screen} />}
      {open === "handover" && <Handover visit={visit} onClose={close} />}
      {open === "keys" && <KeySheet onClose={close} />}
      {open === "leave" && (
        <Question title={t("drawer:leave.title")} yes={t("drawer:leave.yes")} no={t("drawer:no")} onYes={screen.onLeave} onClose={close}>
          {t("drawer:leave.words")}
        </Question>
      )}
      {open === "stop" && (
        <Question
          title={t("drawer:stop.title")}
          yes={t("drawer:stop.yes")}
          no={t("drawer:no")}
          onYes={() => visit.ask({ type: "stop" })}
          onClose={close}
        >
          {t("drawer:stop.words")}
        </Question>
      )}
      {open === "end" && (
        <Question
          title={t("drawer:end.title")}
          yes={t("drawer:end.yes")}
          no={t("drawer:no")}
          onYes={() => visit.ask({ type: "end" })}
          onClose={close}
        >
          {t("drawer:end.words")}
        </Question>
      )}
      {typeof open === "object" && open && (
        <Question
          title={t("drawer:remove.title", { name: open.remove.name })}
          yes={t("drawer:remove.yes")}
          no={t("drawer:no")}
          onYes={() => visit.ask({ type: "remove", participant: open.remove.id })}
          onClose={close}
        >
          {t("drawer:remove.words", { name: open.remove.name })}
        </Question>
      )}
    </>
  );
}
