/** Numbers, dates and durations in the reader's language and the plant's zone. */
import { momentOf } from "../time/zone";
import { say, type Language } from "./catalogue";

const LOCALES: Record<Language, string> = { en: "en-GB", zh: "zh-CN" };

type TimeStyle = "clock" | "minute" | "second" | "day" | "month" | "year" | "weekday" | "moment" | "exact";

const STYLES: Record<TimeStyle, Intl.DateTimeFormatOptions> = {
  clock: { hour: "2-digit", minute: "2-digit", second: "2-digit" },
  minute: { hour: "2-digit", minute: "2-digit" },
  second: { hour: "2-digit", minute: "2-digit", second: "2-digit" },
  day: { day: "numeric", month: "short" },
  month: { month: "short", year: "numeric" },
  year: { year: "numeric" },
  weekday: { weekday: "short", day: "numeric", month: "short" },
  moment: { day: "numeric", month: "short", hour: "2-digit", minute: "2-digit" },
  exact: { day: "numeric", month: "short", hour: "2-digit", minute: "2-digit", second: "2-digit" },
};

const HOURS_ALONE = 100;
export const TWO_DAYS_S = 172_800;

export class Formats {
  private readonly locale: string;
  private readonly times = new Map<string, Intl.DateTimeFormat>();
  /** Where the present year begins and ends. */
  private readonly present: readonly [number, number];
  private readonly numbers = new Map<number, Intl.NumberFormat>();

  constructor(
    readonly language: Language,
    readonly zone: string,
    /** The present year: dates of another one name it. */
    private readonly year: number,
  ) {
    this.locale = LOCALES[language];
    const begins = (year: number): number => momentOf({ year, month: 1, day: 1, hour: 0, minute: 0, second: 0 }, zone);
    this.present = [begins(year), begins(year + 1)];
  }

  /** A moment; a date names its year when that is not the present one, or when asked to. */
  time(ms: number, style: TimeStyle, withYear = this.past(ms)): string {
    const named = withYear && "day" in STYLES[style];
    const key = named ? `${style} year` : style;
    let format = this.times.get(key);
    if (!format) {
      const year = named ? ({ year: "numeric" } as const) : {};
      format = new Intl.DateTimeFormat(this.locale, { ...STYLES[style], ...year, timeZone: this.zone, hourCycle: "h23" });
      this.times.set(key, format);
    }
    return format.format(ms);
  }

  /** True outside the present year, whichever way. */
  private past(ms: number): boolean {
    return ms < this.present[0] || ms >= this.present[1];
  }

  /** A production day, "2026-11-24", as a reader says it. */
  day(iso: string): string {
    const year = Number(iso.slice(0, 4)) === this.year ? {} : ({ year: "numeric" } as const);
    const options = { ...STYLES.weekday, ...year, timeZone: "UTC" };
    return new Intl.DateTimeFormat(this.locale, options).format(Date.parse(`${iso}T12:00:00Z`));
  }

  /** A calendar date, "2027-12-31", as a document names it: with its year, without the day of the week. */
  date(iso: string): string {
    return new Intl.DateTimeFormat(this.locale, { ...STYLES.day, year: "numeric", timeZone: "UTC" }).format(Date.parse(`${iso}T12:00:00Z`));
  }

  /** `06:00–14:00`, with days where the ends fall on different ones, and years outside the present one. */
  span(from: number, to: number): string {
    const oneDay = this.time(from, "day", true) === this.time(to, "day", true);
    if (oneDay && !this.past(from)) return `${this.time(from, "minute")} – ${this.time(to, "minute")}`;
    return this.dated(from, to);
  }

  /** The same with its day or days in any case, for what need not be of today. */
  dated(from: number, to: number): string {
    const oneDay = this.time(from, "day", true) === this.time(to, "day", true);
    const years = this.past(from) || this.past(to);
    return `${this.time(from, "moment", years)} – ${this.time(to, oneDay ? "minute" : "moment", years)}`;
  }

  /** The short name of the plant's zone, "CET". */
  zoneName(ms: number): string {
    const parts = new Intl.DateTimeFormat(this.locale, { timeZone: this.zone, timeZoneName: "short" }).formatToParts(ms);
    return parts.find((part) => part.type === "timeZoneName")?.value ?? this.zone;
  }

  number(value: number, digits = 0): string {
    let format = this.numbers.get(digits);
    if (!format) {
      format = new Intl.NumberFormat(this.locale, { maximumFractionDigits: digits, minimumFractionDigits: digits });
      this.numbers.set(digits, format);
    }
    return format.format(value);
  }

  /** A measured value with as many digits as its size deserves. */
  measure(value: number): string {
    const size = Math.abs(value);
    if (Number.isInteger(value) && size < 1e6) return this.number(value);
    return this.number(value, size >= 1000 ? 0 : size >= 100 ? 1 : size >= 1 ? 2 : 3);
  }

  /** The value as it was told: nothing rounded away but what a float cannot hold. */
  exact(value: number): string {
    return new Intl.NumberFormat(this.locale, { maximumSignificantDigits: 15 }).format(value);
  }

  /** A large number in short, "52.2M"; British English would write it like milli. */
  compact(value: number): string {
    return new Intl.NumberFormat(this.language, { notation: "compact", maximumFractionDigits: 2 }).format(value);
  }

  /** A share without its sign: 0.634 gives "63.4". */
  percent(share: number): string {
    return this.number(share * 100, 1);
  }

  /** The ends of an interval of shares as text, or nothing where they read alike. */
  bounds(range: readonly [number, number] | null | undefined): { low: string; high: string } | undefined {
    if (!range) return undefined;
    const [low, high] = range.map((share) => this.percent(share)) as [string, string];
    return low === high ? undefined : { low, high };
  }

  private amount(value: number, unit: "s" | "min" | "h" | "d"): string {
    return `${this.number(value)} ${say(this.language, `unit.${unit}`)}`;
  }

  /** An amount of time: "45 s", "12 min", "1 h 24 min", "300 h". Never days: a day of work has not 24 hours. */
  duration(seconds: number): string {
    if (seconds > 0 && seconds < 0.5) return `< ${this.amount(1, "s")}`;
    const whole = Math.max(0, Math.round(seconds));
    if (whole < 60) return this.amount(whole, "s");
    const minutes = Math.round(whole / 60);
    if (minutes < 60) return this.amount(minutes, "min");
    if (minutes >= HOURS_ALONE * 60) return this.amount(Math.round(minutes / 60), "h");
    const hours = this.amount(Math.floor(minutes / 60), "h");
    return minutes % 60 ? `${hours} ${this.amount(minutes % 60, "min")}` : hours;
  }

  /** How long ago something began: from two days on in days. */
  age(seconds: number): string {
    return seconds < TWO_DAYS_S ? this.duration(seconds) : this.amount(Math.floor(seconds / 86_400), "d");
  }
}
