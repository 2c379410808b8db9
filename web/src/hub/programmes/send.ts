/** Takes a step of an application: those of the member and those of the hub have a door each. */
import { asProblem, type Problem } from "../../api/client";
import { house } from "../../house.svelte";

const OF_HUB = new Set(["asked", "decided", "judged", "paid", "recovered", "measured"]);

/** What went wrong, or nothing. */
export async function send(number: number, step: { step: string } & Record<string, unknown>): Promise<Problem | undefined> {
  try {
    await house.client.send("POST", `applications/${number}/${OF_HUB.has(step.step) ? "review" : "steps"}`, step);
    return undefined;
  } catch (cause) {
    return asProblem(cause);
  }
}

/** SHA-256 of a file, worked out here: the document itself stays where it is. */
export async function digestOf(file: Blob): Promise<string> {
  const bytes = new Uint8Array(await crypto.subtle.digest("SHA-256", await file.arrayBuffer()));
  return Array.from(bytes, (one) => one.toString(16).padStart(2, "0")).join("");
}
