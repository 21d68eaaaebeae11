import test from 'ava';
import { loadMkosiFacts, mkosiFactsSchema } from '../../../src/build/mkosi/mkosi-facts.js';
import { renderMkosiConfig } from '../../../src/build/mkosi/render-mkosi-config.js';
import type { BaseImage, Plan } from '../../../src/plan/types.js';

function plan(os: string, base: BaseImage | null = null): Plan {
  return {
    id: `sha256:${'0123456789abcdef'.repeat(4)}`,
    spec: { os, kubernetes: '1.36.2', network: 'flannel', arch: 'amd64' },
    files: [
      {
        path: '/etc/kiln/a.conf',
        type: 'file',
        mode: '0640',
        owner: 'root:etcd',
        content: 'a\n',
        from: 'test',
      },
      { path: '/etc/kiln/b', type: 'link', target: 'a.conf', from: 'test' },
      { path: '/var/lib/etcd', type: 'directory', mode: '0700', owner: 'etcd:etcd', from: 'test' },
    ],
    packages: ['jq', 'cloud-init'],
    removedPackages: ['ufw'],
    kernelArguments: ['console=ttyS0', 'systemd.swap=no'],
    base,
  } as unknown as Plan;
}

function render(os: string, base?: BaseImage): Map<string, string> {
  return new Map(renderMkosiConfig({ plan: plan(os, base) }).map(({ path, content }) => [path, content]));
}

test('writes every file mkosi reads, sorted', (t) => {
  t.deepEqual(
    [...render('debian12').keys()],
    [
      'clean-traces.sh',
      'finish-image.sh',
      'finish.chroot',
      'image.list',
      'mkosi.conf',
      'mkosi.repart/00-esp.conf',
      'mkosi.repart/10-root.conf',
      'mkosi.sandbox/etc/apt/sources.list.d/mkosi.sources',
    ],
  );
});

test('the configuration of a Debian 12 disk', (t) => {
  t.snapshot(render('debian12').get('mkosi.conf'));
  t.snapshot(render('debian12').get('mkosi.repart/00-esp.conf'));
  t.snapshot(render('debian12').get('mkosi.repart/10-root.conf'));
  t.snapshot(render('debian12').get('mkosi.sandbox/etc/apt/sources.list.d/mkosi.sources'));
});

test('lists what the finishing scripts settle', (t) => {
  t.is(
    render('debian12').get('image.list'),
    [
      'epoch 1577836800',
      'remove-package ufw',
      'file 0640 root:etcd /etc/kiln/a.conf',
      'link a.conf /etc/kiln/b',
      'directory 0700 etcd:etcd /var/lib/etcd',
      '',
    ].join('\n'),
  );
});

test('a release is named as the distribution names it', (t) => {
  t.true(render('debian13').get('mkosi.conf')?.includes('\nRelease=trixie\n'));
  t.true(
    render('debian13').get('mkosi.sandbox/etc/apt/sources.list.d/mkosi.sources')?.includes('trixie-security'),
  );
});

test('a base archive stands in for the distribution’s own, security updates stay', (t) => {
  const base: BaseImage = {
    kind: 'archive',
    url: 'http://archive.example/debian',
    suite: 'bookworm',
    source: 'test',
  };
  const sources = render('debian12', base).get('mkosi.sandbox/etc/apt/sources.list.d/mkosi.sources') ?? '';
  t.deepEqual(sources.match(/^URIs: .*$/gm), [
    'URIs: http://archive.example/debian',
    'URIs: http://deb.debian.org/debian-security',
  ]);
  t.true(render('debian12', base).get('mkosi.conf')?.includes('\nMirror=http://archive.example/debian\n'));
});

test('refuses an OS that mkosi does not serve', (t) => {
  t.throws(() => render('centos7'), { code: 'PAIR_REFUSED', message: /^The mkosi engine does not make / });
});

test('the facts fit their schema', (t) => {
  t.notThrows(() => mkosiFactsSchema.parse(loadMkosiFacts()));
});

test('a base that names parts of the archive gets these and no others', (t) => {
  const files = render('debian12', {
    kind: 'archive',
    url: 'http://deb.debian.org/debian',
    archives: [{ url: 'http://deb.debian.org/debian', suites: ['bookworm'], components: ['main'] }],
    source: 'test',
  });
  t.deepEqual(files.get('mkosi.sandbox/etc/apt/sources.list.d/mkosi.sources')?.split('\n').slice(0, 4), [
    'Types: deb',
    'URIs: http://deb.debian.org/debian',
    'Suites: bookworm',
    'Components: main',
  ]);
});
