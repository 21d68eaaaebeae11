import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import test from 'ava';
import {
  renderDnsmasq,
  renderHaproxy,
  renderLeases,
  renderNames,
  renderUpstream,
} from '../../../src/providers/local/network/render-network.js';
import { aCluster, aNode } from './a-cluster.js';

const NODES = [
  aNode(1, 'master-1', ['master']),
  aNode(2, 'master-2', ['master', 'minion']),
  aNode(3, 'minion-1', ['minion']),
];

test('names are those of roles.yaml, each with the addresses of all nodes that have the role', (t) => {
  const names = renderNames(aCluster({ nodes: NODES }))
    .trimEnd()
    .split('\n');
  t.deepEqual(names, [
    '10.89.0.11 master-1.demo.k8s',
    '10.89.0.11 masters.demo.k8s',
    '10.89.0.11 etcd.demo.k8s',
    '10.89.0.12 master-2.demo.k8s',
    '10.89.0.12 masters.demo.k8s',
    '10.89.0.12 minions.demo.k8s',
    '10.89.0.12 etcd.demo.k8s',
    '10.89.0.13 minion-1.demo.k8s',
    '10.89.0.13 minions.demo.k8s',
  ]);
});

test('with etcd on nodes of its own, masters are not among its names', (t) => {
  const nodes = [...NODES, aNode(4, 'etcd-1', ['etcd'])];
  const names = renderNames(aCluster({ nodes, etcd: { placement: 'separate', size: 1 } }));
  t.deepEqual(names.match(/^\S+ etcd\.demo\.k8s$/gm), ['10.89.0.14 etcd.demo.k8s']);
});

test('a node gets one address, by its hardware address', (t) => {
  t.is(renderLeases(NODES.slice(0, 2)), '52:54:00:00:00:01,10.89.0.11\n52:54:00:00:00:02,10.89.0.12\n');
  t.is(renderLeases([]), '');
});

test('dnsmasq takes its configuration, also with a folder whose name has spaces and more in it', (t) => {
  const folder = mkdtempSync(path.join(tmpdir(), 'kiln local, "#1" '));
  t.teardown(() => rmSync(folder, { recursive: true }));
  const file = path.join(folder, 'dnsmasq.conf');
  const text = renderDnsmasq({ folder, name: 'demo' });
  writeFileSync(file, text);
  // It prints "syntax check OK", or ends with what is wrong.
  t.notThrows(() => execFileSync('/usr/sbin/dnsmasq', ['--test', `--conf-file=${file}`], { stdio: 'pipe' }));
  t.regex(text, /^local=\/k8s\/$/m, 'names of other clusters are asked nowhere');
  t.regex(text, /^no-resolv$/m);
});

test('only a way out gives dnsmasq somebody to ask', (t) => {
  t.is(renderUpstream(true), 'server=10.0.2.3\n');
  t.is(renderUpstream(false), '');
});

test('haproxy has every master and nobody else, on the loopback, by way of the namespace', (t) => {
  const text = renderHaproxy(aCluster({ nodes: NODES }));
  const servers = text
    .match(/^ {2}server .*$/gm)
    ?.map((line) => line.trim().split(' ').slice(0, 5).join(' '));
  t.deepEqual(servers, [
    'server master-1 10.89.0.11:6443 namespace kiln-demo',
    'server master-2 10.89.0.12:6443 namespace kiln-demo',
  ]);
  t.deepEqual(text.match(/^ {2}bind .*$/gm), ['  bind 127.0.0.1:16443']);
});
