/** Numbers, dates and durations in the reader's language and the plant's zone. */
import { say, type Language } from "./catalogue";

const LOCALES: Record<Language, string> = { en: "en-GB", zh: "zh-CN" };

type TimeStyle = "clock" | "minute" | "second" | "day" | "weekday" | "moment" | "exact";

const STYLES: Record<TimeStyle, Intl.DateTimeFormatOptions> = {
  clock: { hour: "2-digit", minute: "2-digit", second: "2-digit" },
  minute: { hour: "2-digit", minute: "2-digit" },
  second: { hour: "2-digit", minute: "2-digit", second: "2-digit" },
  day: { day: "numeric", month: "short" },
  weekday: { weekday: "short", day: "numeric", month: "short" },
  moment: { day: "numeric", month: "short", hour: "2-digit", minute: "2-digit" },
  exact: { day: "numeric", month: "short", hour: "2-digit", minute: "2-digit", second: "2-digit" },
};

export class Formats {
  private readonly locale: string;
  private readonly times = new Map<TimeStyle, Intl.DateTimeFormat>();
  private readonly numbers = new Map<number, Intl.NumberFormat>();

  constructor(
    readonly language: Language,
    readonly zone: string,
  ) {
    this.locale = LOCALES[language];
  }

  time(ms: number, style: TimeStyle): string {
    let format = this.times.get(style);
    if (!format) {
      format = new Intl.DateTimeFormat(this.locale, { ...STYLES[style], timeZone: this.zone, hourCycle: "h23" });
      this.times.set(style, format);
    }
    return format.format(ms);
  }

  /** A production day, "2026-11-24", as a reader says it. */
  day(iso: string): string {
    const options = { ...STYLES.weekday, timeZone: "UTC" };
    return new Intl.DateTimeFormat(this.locale, options).format(Date.parse(`${iso}T12:00:00Z`));
  }

  /** `06:00–14:00`, with days where the ends fall on different ones. */
  span(from: number, to: number): string {
    const oneDay = this.time(from, "day") === this.time(to, "day");
    const style = oneDay ? "minute" : "moment";
    return `${this.time(from, style)} – ${this.time(to, style)}`;
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

  /** The two largest units: "1 h 24 min", "12 min", "45 s". */
  duration(seconds: number): string {
    const whole = Math.max(0, Math.round(seconds));
    const unit = (value: number, name: "s" | "min" | "h" | "d"): string =>
      `${this.number(value)} ${say(this.language, `unit.${name}`)}`;
    if (whole < 60) return unit(whole, "s");
    const minutes = Math.round(whole / 60);
    if (minutes < 60) return unit(minutes, "min");
    const hours = Math.floor(minutes / 60);
    if (hours < 48) return minutes % 60 ? `${unit(hours, "h")} ${unit(minutes % 60, "min")}` : unit(hours, "h");
    const rest = Math.round((minutes / 60) % 24);
    return rest && rest < 24 ? `${unit(Math.floor(hours / 24), "d")} ${unit(rest, "h")}` : unit(Math.round(hours / 24), "d");
  }
}
