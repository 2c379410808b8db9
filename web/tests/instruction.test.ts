import { describe, expect, it } from "vitest";
import { partsOf } from "../src/shell/instruction";

describe("a work instruction", () => {
  it("has headings, lines, and lines that go on where they are indented", () => {
    expect(partsOf("## The buffer\n\n1. Mark 6 places: first in,\n   first out.\n2. Look.\n")).toEqual([
      { heading: true, text: "The buffer" },
      { heading: false, text: "1. Mark 6 places: first in, first out." },
      { heading: false, text: "2. Look." },
    ]);
  });

  it("keeps indented points apart, and takes markup for text", () => {
    expect(partsOf("Do\n  - this\n  - <b>that</b>")).toEqual([
      { heading: false, text: "Do" },
      { heading: false, text: "- this" },
      { heading: false, text: "- <b>that</b>" },
    ]);
  });
});
