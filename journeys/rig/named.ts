// Finds things by role and name in Firefox. Its own answer to that question (WebDriver BiDi's accessibility locator) makes the page draw itself anew, and
// wait for the compositor, once for every node of the document: three seconds in which a page in a call stands still, on two cores. Chromium is asked
// for its accessibility tree, which costs the page nothing, so what a name truly is stays checked there.
// Promise: nothing in the page is touched, and what a person cannot see or is hidden from assistive technology is not found.
import { Puppeteer } from "puppeteer-core";

/** Elements that have a role without saying so. */
const native: Record<string, string> = {
  alert: "",
  button: "button, summary, input[type=button], input[type=submit], input[type=file]",
  checkbox: "input[type=checkbox]",
  combobox: "select",
  dialog: "dialog",
  group: "fieldset, details",
  heading: "h1, h2, h3, h4, h5, h6",
  image: "img",
  link: "a[href]",
  list: "ul, ol",
  listitem: "li",
  progressbar: "progress",
  radio: "input[type=radio]",
  region: "section[aria-label], section[aria-labelledby]",
  slider: "input[type=range]",
  spinbutton: "input[type=number]",
  status: "output",
  textbox: "textarea, input:not([type]), input[type=text], input[type=email], input[type=url], input[type=tel]",
  timer: "",
};

export const nativeRoles = Object.keys(native);

interface Question {
  role: string;
  name: string;
  elements: string;
}

/** Runs in the page, so it knows nothing of this file. */
function find(root: Node, question: string): Element | null {
  const { role, name, elements } = JSON.parse(
    new TextDecoder().decode(Uint8Array.from(atob(question), (each) => each.charCodeAt(0))),
  ) as Question;
  const fromContent = ["button", "checkbox", "heading", "link", "listitem", "radio"];
  const hidden = (element: Element) =>
    element.getAttribute("aria-hidden") === "true" || !element.checkVisibility({ visibilityProperty: true });
  const textOf = (node: Node): string => {
    if (node.nodeType === 3) return node.textContent ?? "";
    if (!(node instanceof Element) || hidden(node)) return "";
    return node.getAttribute("aria-label") ?? node.getAttribute("alt") ?? [...node.childNodes].map(textOf).join("");
  };
  const nameOf = (element: Element): string => {
    const by = element.getAttribute("aria-labelledby")?.split(/\s+/) ?? [];
    const said = by.map((id) => document.getElementById(id)?.textContent ?? "").join(" ") || element.getAttribute("aria-label");
    if (said) return said;
    const labels = [...((element as HTMLInputElement).labels ?? [])].map((label) => label.textContent).join(" ");
    const legend = element.querySelector(":scope > legend, :scope > summary")?.textContent;
    const content = fromContent.includes(role) ? textOf(element) : "";
    return (
      labels ||
      legend ||
      content.trim() ||
      element.getAttribute("alt") ||
      element.getAttribute("title") ||
      element.getAttribute("placeholder") ||
      ""
    );
  };
  // Where a browser puts spaces between parts is its own affair.
  const bare = (text: string) => text.replace(/\s+/g, "");
  const wanted = bare(name);
  const explicit = role === "image" ? "[role=img], [role=image]" : `[role=${role}]`;
  const selector = elements ? `${explicit}, :is(${elements}):not([role])` : explicit;
  for (const element of (root as ParentNode).querySelectorAll(selector))
    if (bare(nameOf(element)) === wanted && !hidden(element) && !element.closest("[aria-hidden=true], [inert]")) return element;
  return null;
}

/** A compiler may have put calls of a helper into it that the page does not have. */
const source = `const __name = (it) => it; return (${find})(root, question);`;
Puppeteer.registerCustomQueryHandler("named", { queryOne: new Function("root", "question", source) as typeof find });

/** A selector for puppeteer. */
export function named(role: string, name: string): string {
  const elements = native[role];
  if (elements === undefined) throw new Error(`named.ts knows no elements for the role “${role}” yet`);
  const question: Question = { role, name, elements };
  // Its parser would take quotes and brackets for its own.
  return `::-p-named(${Buffer.from(JSON.stringify(question)).toString("base64")})`;
}
