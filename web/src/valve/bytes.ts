/** Raw bytes as people may read them. */
const ROW = 16;

export const bytesOf = (base64: string): Uint8Array<ArrayBuffer> => Uint8Array.from(atob(base64), (one) => one.charCodeAt(0));

/** Sixteen bytes a line: where they stand, each in hexadecimal, and as a letter where it is one. */
export function hexLines(bytes: Uint8Array, most: number): string {
  const lines: string[] = [];
  for (let at = 0; at < Math.min(bytes.length, most); at += ROW) {
    const row = [...bytes.subarray(at, Math.min(at + ROW, most))];
    const hex = row.map((one) => one.toString(16).padStart(2, "0")).join(" ");
    const letters = row.map((one) => (one >= 32 && one < 127 ? String.fromCharCode(one) : "·")).join("");
    lines.push(`${at.toString(16).padStart(6, "0")}  ${hex.padEnd(ROW * 3)} ${letters}`);
  }
  return lines.join("\n");
}
