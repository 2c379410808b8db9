/** What the node tells of energy. */
export interface Factor {
  kg_co2_per_kwh: number;
  grid: string | null;
  year: number | null;
  source: string;
  confidence: string;
}

export interface CarrierUse {
  carrier: string;
  name: string;
  kwh: number | null;
  kg_co2: number | null;
  coverage: number;
  why: string | null;
  factors: Factor[];
}

export interface MeterUse {
  id: string;
  name: string;
  carrier_name: string;
  of: string[];
  flow_name: string;
  kwh: number;
  coverage: number;
  falls: unknown[];
}

export interface Consumption {
  day: string | null;
  kwh: number | null;
  kg_co2: number | null;
  coverage: number | null;
  good: number | null;
  kwh_per_unit: number | null;
  kg_co2_per_unit: number | null;
  carriers: CarrierUse[];
  meters: MeterUse[];
  why: string | null;
}

export interface Told {
  declared: boolean;
  whole: Consumption;
  days: Consumption[];
}
