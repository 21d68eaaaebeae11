import { loadOs } from '../../../src/catalog/load-catalog.js';
import { contentOf, type Image, scriptsOf, UNITS } from './image.js';

/** Modules under the names this OS has them; `''` says it is built in or gone. Those the unit loads itself as well. */
export function kernelPieces(image: Image): string[] {
  const { renamed } = loadOs(image.plan.spec.os).kernelModules;
  const loaded = new Set(contentOf(image, '/etc/modules-load.d/kiln.conf').split('\n'));
  const unit = image.network.unit === undefined ? '' : contentOf(image, `${UNITS}/${image.network.unit}`);
  const wanted = [
    ...image.network.kernelModules,
    ...[...unit.matchAll(/modprobe (\w+)/g)].map((match) => match[1] ?? ''),
  ];
  return wanted
    .map((name) => renamed[name] ?? name)
    .filter((name) => name !== '' && !(loaded.has(name) && image.plan.expected.modules.includes(name)))
    .map((name) => `the module ${name} is not loaded`);
}

/** Every port in the plan's table under the network's unit, on minions; every port its helpers name in the network's list. */
export function portPieces({ plan, network, files }: Image): string[] {
  const table = plan.ports.filter(({ unit, roles }) => unit === network.unit && roles.includes('minion'));
  const absent = network.ports.filter(
    ({ port, protocol, address }) =>
      !table.some((entry) => entry.port === port && entry.protocol === protocol && entry.address === address),
  );
  const texts = scriptsOf({ plan, network, files })
    .map(([, text]) => text)
    .join('\n');
  const named = [...texts.matchAll(/(?:--port=|-addr=[\d.]+:)(\d+)/g)].map((match) => Number(match[1]));
  return [
    ...absent.map(({ port, protocol }) => `the port ${port}/${protocol} is not in the table`),
    ...named
      .filter((port) => !network.ports.some((entry) => entry.port === port))
      .map((port) => `the port ${port} is in a helper but not in the catalog`),
  ];
}
