// A page that cannot do what it is for: what happened, what is safe, what to do next.
import type { ComponentChildren } from "preact";

export function Failure(props: { title: string; children: ComponentChildren; actions?: ComponentChildren }) {
  return (
    <section class="failure">
      <h1>{props.title}</h1>
      {typeof props.children === "string" ? <p>{props.children}</p> : props.children}
      {props.actions && <div class="row">{props.actions}</div>}
    </section>
  );
}
