import type { TemplateRecord } from '../../../render/render-template.js';
import type { BootAccount, TestReport } from '../../types.js';
import { formatSeconds } from '../quantities.js';
import { type Suite, suitesOf } from '../suites.js';

/** Where each boot's time went, all on one scale, so that bars can be held against each other. */
export function bootsView(report: TestReport): TemplateRecord | undefined {
  const boots = suitesOf(report).flatMap(({ cell, label, title }) =>
    cell === undefined || isEmpty(cell.account)
      ? []
      : [{ label, title, account: cell.account, again: cell.boot === 2 }],
  );
  if (boots.length === 0) return undefined;
  const scale = chooseScale(Math.max(...boots.map(({ account }) => lastSecond(account))));
  return {
    ticks: scale.ticks,
    overview: boots.map((boot) => ({
      label: boot.label,
      total: formatSeconds(total(boot.account.stages)),
      bars: stackedBars(boot.account.stages, 0, scale, 'stage'),
      ticks: scale.ticks,
    })),
    legend: legend(boots.map(({ account }) => account)),
    groups: [boots.filter(startsRoles), boots.filter((boot) => !startsRoles(boot))].map((group) => ({
      charts: group.map((boot) => chartView(boot, scale)),
    })),
  };
}

/** The charts worth a look first: the first boot of a node with a role. */
function startsRoles({ account, again }: { account: BootAccount; again: boolean }): boolean {
  return account.units.length > 0 && !again;
}

interface Scale {
  /** Seconds at the right edge. */
  end: number;
  ticks: { x: string; label: string; anchor: string }[];
}

function isEmpty({ stages, units, cloudInit }: BootAccount): boolean {
  return stages.length + units.length + cloudInit.length === 0;
}

function lastSecond({ stages, units, cloudInit }: BootAccount): number {
  return Math.max(total(stages), total(cloudInit), ...units.map(({ active }) => active));
}

function total(stages: BootAccount['stages']): number {
  return stages.reduce((sum, { seconds }) => sum + seconds, 0);
}

const MOST_TICKS = 6;

/** Ticks at 1, 2 or 5 times a power of ten, at most six; the scale ends at the last second itself. */
function chooseScale(last: number): Scale {
  const end = last > 0 ? last * 1.02 : 1;
  const power = 10 ** Math.floor(Math.log10(end / MOST_TICKS));
  const step = [1, 2, 5, 10].map((factor) => factor * power).find((size) => end / size <= MOST_TICKS) ?? end;
  const ticks = Array.from({ length: Math.floor(end / step) + 1 }, (_value, index) => index * step);
  return {
    end,
    ticks: ticks.map((at, index) => ({
      x: percent(at, end),
      label: `${Number(at.toPrecision(3))} s`,
      anchor: index === 0 ? 'start' : at / end > 0.95 ? 'end' : 'middle',
    })),
  };
}

function percent(part: number, whole: number): string {
  return `${((100 * Math.max(0, part)) / whole).toFixed(2)}%`;
}

function stackedBars(
  stages: BootAccount['stages'],
  from: number,
  { end }: Scale,
  kind: 'stage' | 'cloud',
): TemplateRecord[] {
  let at = from;
  return stages.map(({ seconds }, index) => {
    const bar = { x: percent(at, end), width: percent(seconds, end), fill: `${kind}-${index % 4}` };
    at += seconds;
    return bar;
  });
}

/** Names of all stages any boot has, with the colour their place gives them. */
function legend(accounts: readonly BootAccount[]): TemplateRecord[] {
  const longest = accounts.reduce<BootAccount['stages']>(
    (best, { stages }) => (stages.length > best.length ? stages : best),
    [],
  );
  return longest.map(({ name }, index) => ({ name, fill: `stage-${index % 4}` }));
}

function chartView(
  { label, title, account, again }: Pick<Suite, 'label' | 'title'> & { account: BootAccount; again: boolean },
  scale: Scale,
): TemplateRecord {
  const { stages, cloudInit, units } = account;
  const beforeUserspace = total(stages.slice(0, -1));
  return {
    label,
    title,
    open: startsRoles({ account, again }),
    total: formatSeconds(total(stages)),
    ticks: scale.ticks,
    stages: stages.map(keyView('stage')),
    stageBars: stackedBars(stages, 0, scale, 'stage'),
    hasCloudInit: cloudInit.length > 0,
    cloudInit: cloudInit.map(keyView('cloud')),
    cloudInitBars: stackedBars(cloudInit, beforeUserspace, scale, 'cloud'),
    hasUnits: units.length > 0,
    units: [...units]
      .sort((left, right) => left.started - right.started)
      .map((unit) => unitView(unit, scale)),
  };
}

function keyView(kind: 'stage' | 'cloud') {
  return ({ name, seconds }: { name: string; seconds: number }, index: number): TemplateRecord => ({
    name,
    seconds: formatSeconds(seconds),
    fill: `${kind}-${index % 4}`,
  });
}

function unitView(
  { name, started, active }: BootAccount['units'][number],
  { end, ticks }: Scale,
): TemplateRecord {
  return {
    name,
    short: name.replace(/\.service$/, ''),
    started: formatSeconds(started),
    active: formatSeconds(active),
    took: formatSeconds(active - started),
    x: percent(started, end),
    width: percent(active - started, end),
    end: percent(active, end),
    ticks,
  };
}
