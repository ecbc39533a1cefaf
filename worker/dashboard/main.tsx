import { render } from "preact";
import { App } from "./app.tsx";
import "uplot/dist/uPlot.min.css"; // Here: the style sheet of a page that comes later would not be loaded.
import "./app.css";

const root = document.getElementById("app");
if (root) {
  root.replaceChildren();
  render(<App />, root);
}
