/** What one member released, as rows. */

type Origin = "measured" | "entered" | "generated";

export interface Said {
  number: number;
  say: string;
  month: string | null;
  sha256: string;
  received_ms: number;
  remarks: { indicator: string; sentence: string }[];
}

/** Lists of an indicator are as long as that of the months. */
export interface Released {
  months: string[];
  indicators: Record<string, { value: (number | null)[]; coverage: (number | null)[]; origin: (Origin | null)[]; absent: (string | null)[] }>;
  statements: Said[];
}

export interface Row {
  month: string;
  indicator: string;
  value: number | null;
  coverage: number | null;
  origin: Origin | null;
  /** The key of why there is no value. */
  absent: string | null;
  remarks: string[];
}

/** A row for each value, and for each that is absent with a reason; the newest month first. */
export function rowsOf({ months, indicators, statements }: Released): Row[] {
  const odd = new Map<string, string[]>();
  for (const { month, remarks } of statements)
    for (const { indicator, sentence } of remarks) {
      const key = `${month} ${indicator}`;
      odd.set(key, [...(odd.get(key) ?? []), sentence]);
    }
  const rows = months.flatMap((month, at) =>
    Object.entries(indicators).flatMap(([indicator, of]) => {
      const [value, coverage, origin, absent] = [of.value[at] ?? null, of.coverage[at] ?? null, of.origin[at] ?? null, of.absent[at] ?? null];
      return value === null && absent === null ? [] : [{ month, indicator, value, coverage, origin, absent, remarks: odd.get(`${month} ${indicator}`) ?? [] }];
    }),
  );
  return rows.sort((a, b) => b.month.localeCompare(a.month));
}

export interface Named {
  number: number;
  name: string;
  generated: boolean;
}

/** What was odd in what members said, the newest first, and who told the same values as another. */
export interface Odd {
  statements: { member: Named; month: string | null; entry: number; received_ms: number; remarks: Said["remarks"] }[];
  copied: { month: string; members: [Named, Named]; indicators: string[] }[];
}

export interface OddRow {
  member: Named;
  month: string | null;
  received_ms: number;
  indicator: string;
  sentence: string;
}

/** A row for each remark. */
export const oddRows = (statements: Odd["statements"]): OddRow[] => statements.flatMap(({ member, month, received_ms, remarks }) => remarks.map((remark) => ({ member, month, received_ms, ...remark })));
