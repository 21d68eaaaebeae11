import { z } from 'zod';

/** When a node file is part of an image; every key given must hold. */
export const whenSchema = z.strictObject({
  os: z.array(z.string()).optional(),
  notOs: z.array(z.string()).optional(),
  family: z.enum(['debian', 'redhat']).optional(),
  networkManager: z.array(z.enum(['systemd-networkd', 'NetworkManager', 'network-scripts'])).optional(),
  minSystemd: z.int().optional(),
  maxSystemd: z.int().optional(),
  containerdConfig: z.union([z.literal(2), z.literal(3)]).optional(),
  minKubernetes: z.string().optional(),
  maxKubernetes: z.string().optional(),
  network: z.array(z.string()).optional(),
});

export type When = z.infer<typeof whenSchema>;

const mode = z.string().regex(/^0[0-7]{3,4}$/);

/** `catalog/rootfs.yaml`: every file of `rootfs/` and `cloudinit/cloud.cfg.d/`, where it goes and on which images. */
export const rootfsSchema = z.strictObject({
  files: z.array(
    z.strictObject({
      path: z.string().startsWith('/'),
      type: z.enum(['file', 'directory', 'link']).optional(),
      /** Repository path; `rootfs<path>` when absent. */
      source: z.string().optional(),
      render: z.enum(['literal', 'template', 'yaml']).optional(),
      /** Names a template's record holds. */
      variables: z.array(z.string()).optional(),
      /** Keys the plan sets in a YAML base. */
      sets: z.array(z.string()).optional(),
      target: z.string().optional(),
      when: whenSchema.optional(),
      mode: mode.optional(),
      owner: z.string().optional(),
      why: z.string(),
    }),
  ),
});

export type RootfsEntry = z.infer<typeof rootfsSchema>['files'][number];

/** `catalog/sysctls.yaml`: kernel settings and modules of every node. */
export const sysctlsSchema = z.strictObject({
  sysctls: z.array(
    z.strictObject({
      key: z.string(),
      value: z.string(),
      role: z.string().optional(),
      when: whenSchema.optional(),
      why: z.string(),
      source: z.string(),
    }),
  ),
  modules: z.array(
    z.strictObject({ name: z.string(), when: whenSchema.optional(), why: z.string(), source: z.string() }),
  ),
});

export type Sysctls = z.infer<typeof sysctlsSchema>;

/** `catalog/ports.yaml`: what listens where; roles follow from the unit. */
export const portsSchema = z.strictObject({
  ports: z.array(
    z.strictObject({
      port: z.int(),
      protocol: z.enum(['tcp', 'udp']),
      address: z.enum(['0.0.0.0', '127.0.0.1']),
      unit: z.string(),
      purpose: z.string(),
      when: whenSchema.optional(),
      source: z.string().optional(),
    }),
  ),
  /** What the distribution's own programs may have open besides, on every node. */
  listeners: z.array(
    z.strictObject({
      /** As `ss` names it: at most 15 characters. */
      program: z.string().min(1).max(15),
      protocol: z.array(z.enum(['tcp', 'udp'])).min(1),
      /** `any`: whichever the kernel gave it. */
      port: z.union([z.int(), z.literal('any')]),
      /** `loopback`: any address of this machine alone; `interface`: one interface's own; `all`: every one. */
      address: z.enum(['loopback', 'interface', 'all']),
      why: z.string(),
      source: z.string(),
    }),
  ),
});

export type Ports = z.infer<typeof portsSchema>['ports'];
export type Listener = z.infer<typeof portsSchema>['listeners'][number];

/** `catalog/firewall.yaml`: the packet filter rules that units of the plan make while they run. */
export const firewallSchema = z.strictObject({
  rules: z.array(
    z.strictObject({
      /** Regular expression, case ignored, over `<table> <chain> <rule>` as nft and iptables-save print them. */
      pattern: z.string(),
      /** Any of them running explains the rule. */
      units: z.array(z.string()).min(1),
      why: z.string(),
      source: z.string(),
    }),
  ),
});

export type FirewallRule = z.infer<typeof firewallSchema>['rules'][number];

/** `catalog/users.yaml`: the users services run as. */
export const usersSchema = z.strictObject({
  users: z.array(z.strictObject({ name: z.string(), home: z.string(), description: z.string() })),
});

export type Users = z.infer<typeof usersSchema>['users'];
