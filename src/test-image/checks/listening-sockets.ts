import type { GuestFacts, GuestSocket } from '../../boot/probe/guest-facts.js';
import { unitOf } from '../../boot/unit-of.js';
import { loadOs } from '../../catalog/load-catalog.js';
import type { Listener } from '../../catalog/node.js';
import { readYaml } from '../../catalog/read-yaml.js';
import type { Plan, PlannedPort } from '../../plan/types.js';
import type { BootCheck, BootContext, CheckOutcome, Problem } from '../types.js';
import { withFacts } from './with-facts.js';

export const listeningSockets: BootCheck = {
  name: 'listening-sockets',
  title: 'The ports table for this role listens, nothing more',
  run: checkSockets,
};

/** What the ports table calls the one service of every node, whatever the OS calls it. */
const EVERY_NODE = 'ssh.service';
const ALL = ['0.0.0.0', '::', '*'];

/** Ports of units that are up in this boot, and what the distribution may have open (`listeners` of catalog/ports.yaml). */
function checkSockets(context: BootContext): CheckOutcome {
  return withFacts(context, (facts) => {
    const ports = context.plan.ports.filter(({ unit }) => isUp(osName(unit, context.plan), context, facts));
    const { listeners } = readYaml('ports.yaml') as { listeners: Listener[] };
    const closed = ports.filter((port) => !facts.sockets.some((socket) => serves(socket, port)));
    const open = facts.sockets.filter((socket) => !isAllowed(socket, ports, listeners));
    const problems = [
      ...closed.map((port) => closedProblem(port, facts.sockets)),
      ...open.map((socket) => openProblem(socket, context.plan)),
    ];
    return { examined: ports.length + facts.sockets.length, problems };
  });
}

function osName(unit: string, { spec }: Plan): string {
  return unit === EVERY_NODE ? loadOs(spec.os).units.ssh : unit;
}

function isUp(unit: string, { boot }: BootContext, facts: GuestFacts): boolean {
  const state = facts.units.find(({ name }) => name === unit)?.active;
  return state === undefined ? unitOf(boot, unit).state === 'running' : state === 'active';
}

function serves(socket: GuestSocket, port: PlannedPort): boolean {
  if (socket.protocol !== port.protocol || socket.port !== port.port) return false;
  return port.address === '127.0.0.1' ? isLoopback(socket.address) : !isLoopback(socket.address);
}

function isAllowed(
  socket: GuestSocket,
  ports: readonly PlannedPort[],
  listeners: readonly Listener[],
): boolean {
  const planned = ports.some((port) => {
    if (port.protocol !== socket.protocol || port.port !== socket.port) return false;
    // A port for the network may listen on loopback too, as etcd's does; never the other way round.
    return port.address !== '127.0.0.1' || isLoopback(socket.address);
  });
  return planned || listeners.some((listener) => isListener(socket, listener));
}

function isListener(socket: GuestSocket, { program, protocol, port, address }: Listener): boolean {
  if (program !== socket.process || !protocol.includes(socket.protocol)) return false;
  if (port !== 'any' && port !== socket.port) return false;
  if (address === 'loopback') return isLoopback(socket.address);
  return address === 'all' || !ALL.includes(socket.address);
}

function isLoopback(address: string): boolean {
  return /^(::ffff:)?127\./.test(address) || address === '::1';
}

function closedProblem(
  { port, protocol, address, unit, purpose }: PlannedPort,
  sockets: readonly GuestSocket[],
): Problem {
  const other = sockets.find((socket) => socket.port === port && socket.protocol === protocol);
  const found = other === undefined ? 'nothing' : `only ${other.address}`;
  return {
    subject: `${protocol}/${port}`,
    message: `expected ${unit} to listen on ${address} (${purpose}), found ${found}`,
    hint: `the unit is active: see \`journalctl -b -u ${unit}\``,
  };
}

function openProblem({ protocol, port, address, process }: GuestSocket, plan: Plan): Problem {
  const planned = plan.ports.find((other) => other.port === port && other.protocol === protocol);
  const why =
    planned === undefined
      ? 'nothing in the ports table listens there'
      : `it is planned on ${planned.address} for ${planned.unit}, on nodes where that is active`;
  return {
    subject: `${protocol}/${port}`,
    message: `expected no such listener, found ${process || 'an unknown program'} on ${address}: ${why}`,
    hint: 'turn the listener off, or plan it: ports of units and listeners of the distribution are in catalog/ports.yaml',
  };
}
