/** What a work instruction is made of, as it is written: headings with "#", lines, and lines that go on indented. */

export interface Part {
  heading: boolean;
  text: string;
}

/** The parts of an instruction in order; it is text and nothing else, whatever stands in it. */
export function partsOf(instruction: string): Part[] {
  const parts: Part[] = [];
  for (const line of instruction.split("\n")) {
    const text = line.trim();
    const last = parts.at(-1);
    if (!text) continue;
    if (/^\s/.test(line) && last && !last.heading && !/^([-*]|\d+\.)\s/.test(text)) last.text += ` ${text}`;
    else parts.push({ heading: /^#{1,6} /.test(text), text: text.replace(/^#{1,6} /, "") });
  }
  return parts;
}
