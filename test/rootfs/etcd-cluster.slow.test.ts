import { existsSync } from 'node:fs';
import test from 'ava';
import { createLab, type Lab, type Member } from './etcd-members.js';

const [A, B, C, D] = ['127.0.77.1', '127.0.77.2', '127.0.77.3', '127.0.77.4'] as const;

// One after the other: they use the same addresses.
test.serial(
  'three nodes form one cluster in whatever order they come, and a lost one is replaced',
  async (t) => {
    t.timeout(180_000);
    const lab = newLab(t);
    lab.names([C]);
    const [a, b, c] = [lab.member(A, 3), lab.member(B, 3), lab.member(C, 3)];
    c.start();
    await said(c, /waiting until etcd\.demo\.k8s has 3 addresses \(it has 1: 127\.0\.77\.3\)/);
    lab.names([C, A, B]);
    a.start();
    await Promise.all([a.ready(), c.ready()]);
    lab.ctl(A, 'put', 'written', 'before');
    // It comes when the others already serve without it.
    b.start();
    await b.ready();
    t.deepEqual(peers(lab, B), [A, B, C]);

    await c.kill();
    lab.names([A, B, D]);
    const d = lab.member(D, 3);
    d.start();
    await d.ready();
    t.deepEqual(peers(lab, A), [A, B, D]);
    t.regex(d.journal(), /the member https:\/\/127\.0\.77\.3:2380 has no address .* removing it/);
    t.is(lab.ctl(D, 'get', '--print-value-only', 'written'), 'before\n');

    // The one that was replaced comes back.
    c.start();
    await said(c, /the cluster has removed this member/);
    await c.kill();

    // All of them reboot.
    await Promise.all([a, b, d].map(async (each) => await each.kill()));
    for (const each of [d, a, b]) each.start();
    await Promise.all([a, b, d].map(async (each) => await each.ready()));
    t.is(lab.ctl(B, 'get', '--print-value-only', 'written'), 'before\n');
  },
);

test.serial('a node whose disk was lost takes its own place again', async (t) => {
  t.timeout(120_000);
  const lab = newLab(t);
  lab.names([A, B, C]);
  const all = [lab.member(A, 3), lab.member(B, 3), lab.member(C, 3)] as const;
  for (const each of all) each.start();
  await Promise.all(all.map(async (each) => await each.ready()));
  lab.ctl(A, 'put', 'written', 'before');
  const before = lab.ctl(A, 'member', 'list');
  await all[1].kill();
  all[1].loseDisk();
  all[1].start();
  await all[1].ready();
  t.regex(all[1].journal(), /its data is not on this node any more/);
  t.is(lab.ctl(B, 'get', '--print-value-only', 'written'), 'before\n');
  t.deepEqual(peers(lab, A), [A, B, C]);
  t.not(lab.ctl(A, 'member', 'list'), before, 'under another id');
});

test.serial('one member grows to three, two joining at once', async (t) => {
  t.timeout(120_000);
  const lab = newLab(t);
  lab.names([A]);
  const a = lab.member(A, 1);
  a.start();
  await a.ready();
  lab.ctl(A, 'put', 'written', 'alone');
  lab.names([A, B, C]);
  const [b, c] = [lab.member(B, 1), lab.member(C, 1)];
  b.start();
  c.start();
  await Promise.all([b.ready(), c.ready()]);
  t.deepEqual(peers(lab, C), [A, B, C]);
  t.is(lab.ctl(C, 'get', '--print-value-only', 'written'), 'alone\n');
});

test.serial(
  'a joiner whose first start reached nobody joins later, and founds nothing of its own',
  async (t) => {
    t.timeout(120_000);
    const lab = newLab(t);
    lab.names([A]);
    const a = lab.member(A, 1);
    a.start();
    await a.ready();
    lab.ctl(A, 'put', 'written', 'before');
    lab.names([A, B]);
    const b = lab.member(B, 1);
    // It is added; then, before its etcd runs, the only other member is gone.
    b.node.program('etcd', `while [ ! -e ${b.node.root}/go ]; do sleep 0.1; done; ${theRealOne('etcd')}`);
    b.start();
    await said(b, /joining the cluster at/);
    await a.kill();
    b.node.write('/go', '');
    await said(b, /cannot fetch cluster info from peer urls/);
    t.true(existsSync(`${b.node.root}/var/lib/etcd/member/snap/db`), 'it leaves a file that is no data');
    await said(b, /going on with the join that was begun/);
    a.start();
    await Promise.all([a.ready(), b.ready()]);
    t.deepEqual(peers(lab, B), [A, B]);
    t.is(lab.ctl(B, 'get', '--print-value-only', 'written'), 'before\n');
  },
);

test.serial(
  'a joiner cut off while it was being added goes on, though nobody has a quorum without it',
  async (t) => {
    t.timeout(120_000);
    const lab = newLab(t);
    lab.names([A]);
    const a = lab.member(A, 1);
    a.start();
    await a.ready();
    lab.ctl(A, 'put', 'written', 'before');
    lab.names([A, B]);
    const b = lab.member(B, 1);
    // The addition is done, its answer never comes.
    b.node.program(
      'etcdctl',
      `case "$*" in *"member add"*) (${theRealOne('etcdctl')}) > ${b.node.root}/added; sleep 15 ;; *) ${theRealOne('etcdctl')} ;; esac`,
    );
    b.start();
    await until(() => b.node.read('/added').includes('"member"'));
    await Promise.all([a.kill(), b.kill()]);
    b.node.program('etcdctl', theRealOne('etcdctl'));
    a.start();
    b.start();
    await Promise.all([a.ready(), b.ready()]);
    t.deepEqual(peers(lab, B), [A, B]);
    t.is(lab.ctl(B, 'get', '--print-value-only', 'written'), 'before\n');
  },
);

test.serial('a replacement that could reach nobody drops the cluster it began alone', async (t) => {
  t.timeout(180_000);
  const lab = newLab(t);
  lab.names([A, B, C]);
  const [a, b, c] = [lab.member(A, 3), lab.member(B, 3), lab.member(C, 3)];
  for (const each of [a, b, c]) each.start();
  await Promise.all([a, b, c].map(async (each) => await each.ready()));
  for (const each of [a, b, c]) await each.kill();
  lab.names([A, B, D]);
  const d = lab.member(D, 3);
  d.start();
  await said(d, /founding the cluster with 3 of 3/);
  await said(d, /raft.node|became candidate|starting a new election/i);
  a.start();
  b.start();
  await Promise.all([a.ready(), b.ready()]);
  // What the unit's start timeout does.
  await d.kill();
  d.start();
  await d.ready();
  t.regex(d.journal(), /another cluster formed while this node waited/);
  t.deepEqual(peers(lab, D), [A, B, D]);
});

test.serial('a single member that changed its address tells its cluster', async (t) => {
  t.timeout(60_000);
  const lab = newLab(t);
  lab.names([A]);
  const a = lab.member(A, 1);
  a.start();
  await a.ready();
  await a.kill();
  lab.names([B]);
  a.address = B;
  a.start();
  await a.ready();
  t.deepEqual(peers(lab, B), [B]);
});

test.serial('a member of three that changed its address tells the others before it starts', async (t) => {
  t.timeout(60_000);
  const lab = newLab(t);
  lab.names([A, B, C]);
  const [a, b, c] = [lab.member(A, 3), lab.member(B, 3), lab.member(C, 3)];
  for (const each of [a, b, c]) each.start();
  await Promise.all([a, b, c].map(async (each) => await each.ready()));
  await c.kill();
  lab.names([A, B, D]);
  c.address = D;
  c.start();
  await c.ready();
  t.deepEqual(peers(lab, A), [A, B, D]);
  t.regex(c.journal(), /the address of this member is now .*: telling it/);
});

function newLab(t: { teardown(end: () => void): void }): Lab {
  const lab = createLab();
  t.teardown(() => lab.stop());
  return lab;
}

function peers(lab: Lab, address: string): string[] {
  return lab
    .ctl(address, 'member', 'list')
    .trim()
    .split('\n')
    .map((line) => /https:\/\/([0-9.]+):2380/.exec(line)?.[1] ?? line)
    .sort();
}

/** Shell words that run the program this stand-in hides. */
function theRealOne(program: string): string {
  return `PATH=\${PATH#*:} exec ${program} "$@"`;
}

async function until(condition: () => boolean): Promise<void> {
  for (let tries = 0; tries < 300; tries += 1) {
    try {
      if (condition()) return;
    } catch {
      // The file is not there yet.
    }
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error('it did not happen within 30 s');
}

async function said(member: Member, pattern: RegExp): Promise<void> {
  for (let tries = 0; tries < 300; tries += 1) {
    if (pattern.test(member.journal())) return;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error(`${member.address} never said ${pattern}:\n${member.journal().slice(-4000)}`);
}
