import { mount } from "svelte";
import { hub } from "./hub.svelte";
import HubApp from "./HubApp.svelte";
import "./icons";
import "../styles/tokens.css";
import "../styles/base.css";

await hub.start();
const target = document.getElementById("app");
if (!target) throw new Error("hub.html has no element #app");
mount(HubApp, { target });
