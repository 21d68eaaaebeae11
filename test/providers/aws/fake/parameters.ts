import { Refusal } from './refusal.js';

/** How lists are spelled: `Filter.1` (EC2) or `Tags.member.1` (Auto Scaling, IAM). */
export type ListStyle = 'flat' | 'member';

/** The parameters of one request. It knows which were looked at: the rest are unknown to the action, which AWS refuses. */
export class Parameters {
  readonly #all: ReadonlyMap<string, string>;
  readonly #read: Set<string>;
  readonly #style: ListStyle;
  readonly #path: string;

  constructor(
    all: ReadonlyMap<string, string>,
    { style, path = '', read = new Set() }: { style: ListStyle; path?: string; read?: Set<string> },
  ) {
    this.#all = all;
    this.#style = style;
    this.#path = path;
    this.#read = read;
  }

  text(name: string): string | undefined {
    const key = this.#path + name;
    this.#read.add(key);
    return this.#all.get(key);
  }

  required(name: string): string {
    const value = this.text(name);
    if (value !== undefined && value !== '') return value;
    throw new Refusal(
      this.#style === 'flat' ? 'MissingParameter' : 'ValidationError',
      `The request must contain the parameter ${this.#path}${name}`,
    );
  }

  integer(name: string, { min, max }: { min: number; max: number }): number | undefined {
    const value = this.text(name);
    if (value === undefined) return undefined;
    const number = Number(value);
    if (/^-?\d+$/.test(value) && number >= min && number <= max) return number;
    throw this.#invalid(`Value ( ${value} ) for parameter ${name} is invalid: expected ${min} to ${max}`);
  }

  requiredInteger(name: string, range: { min: number; max: number }): number {
    this.required(name);
    return this.integer(name, range) as number;
  }

  flag(name: string): boolean | undefined {
    const value = this.text(name);
    if (value === undefined) return undefined;
    if (value === 'true' || value === 'false') return value === 'true';
    throw this.#invalid(`Value ( ${value} ) for parameter ${name} is invalid: expected true or false`);
  }

  choice<const T extends string>(name: string, choices: readonly T[]): T | undefined {
    const value = this.text(name);
    if (value === undefined || choices.includes(value as T)) return value as T | undefined;
    throw this.#invalid(
      `Value ( ${value} ) for parameter ${name} is invalid: expected ${choices.join(', ')}`,
    );
  }

  list(name: string): string[] {
    const values: string[] = [];
    for (;;) {
      const value = this.text(this.#item(name, values.length + 1));
      if (value === undefined) return values;
      values.push(value);
    }
  }

  group(name: string): Parameters | undefined {
    const path = `${this.#path}${name}.`;
    const found = [...this.#all.keys()].some((key) => key.startsWith(path));
    return found ? new Parameters(this.#all, { style: this.#style, path, read: this.#read }) : undefined;
  }

  groups(name: string): Parameters[] {
    const groups: Parameters[] = [];
    for (;;) {
      const group = this.group(this.#item(name, groups.length + 1));
      if (group === undefined) return groups;
      groups.push(group);
    }
  }

  /** @throws Refusal UnknownParameter for the first one no one looked at. */
  end(): void {
    for (const key of this.#all.keys()) {
      if (this.#read.has(key)) continue;
      throw new Refusal(
        'UnknownParameter',
        `The parameter ${key} is not recognized (by this fake, or by AWS)`,
      );
    }
  }

  #item(name: string, index: number): string {
    return this.#style === 'flat' ? `${name}.${index}` : `${name}.member.${index}`;
  }

  #invalid(message: string): Refusal {
    return new Refusal(this.#style === 'flat' ? 'InvalidParameterValue' : 'ValidationError', message);
  }
}
