import { mount } from "svelte";
import App from "./App.svelte";
import { app } from "./app.svelte";
import "./styles/tokens.css";
import "./styles/base.css";
import "./styles/states.css";

await app.start();
const target = document.getElementById("app");
if (!target) throw new Error("index.html has no element #app");
mount(App, { target });
