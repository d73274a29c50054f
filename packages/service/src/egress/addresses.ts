/**
 * Lists of addresses and CIDR blocks, as people write them.
 */
import ipaddr from 'ipaddr.js';

type Address = ipaddr.IPv4 | ipaddr.IPv6;

export interface Block {
  network: Address;
  prefix: number;
}

export interface AddressList {
  /** In the order given, each written in one way, none twice. */
  addresses: string[];
  /** What was written in another way or is unlikely to be meant, one sentence each. */
  remarks: string[];
  refused: { entry: string; reason: string }[];
}

/** Bits of a block that is so large that somebody may have mistyped it. */
const suspicious = { ipv4: 16, ipv6: 32 };

/** What kinds of address are called that no firewall on the internet ever sees. */
const unseen: { [range: string]: string } = {
  private: 'a private address',
  uniqueLocal: 'a private address',
  carrierGradeNat: 'an address inside the network of a provider',
  linkLocal: 'an address of one network cable',
  loopback: 'the machine itself',
  unspecified: 'no address of a machine',
  multicast: 'a multicast address',
  broadcast: 'a broadcast address'
};

/** Read entries; each may hold several, apart from each other by commas, semicolons or white space. */
export function readAddresses(entries: readonly string[]): AddressList {
  const list: AddressList = { addresses: [], remarks: [], refused: [] };
  const blocks: Block[] = [];
  for (const entry of entries.flatMap(text => text.split(/[\s,;]+/))) {
    if (entry === '') {
      continue;
    }
    const block = readBlock(entry);
    if (typeof block === 'string') {
      list.refused.push({ entry: shown(entry), reason: block });
      continue;
    }
    const address = write(block);
    if (!list.addresses.includes(address)) {
      list.remarks.push(...remarks(entry, block, blocks));
      list.addresses.push(address);
      blocks.push(block);
    }
  }
  return list;
}

/** `203.0.113.7` → `203.0.113.7/32`; a block stays as it is. */
export function asCidr(address: string): string {
  return address.includes('/')
    ? address
    : `${address}/${isIpv6(address) ? 128 : 32}`;
}

export function isIpv6(address: string): boolean {
  return address.includes(':');
}

/** What was typed, for a message: of bearable length, and without what steers terminals. */
function shown(entry: string): string {
  const plain = entry.replace(/\p{C}/gu, '?');
  return plain.length > 80 ? `${plain.slice(0, 80)}…` : plain;
}

/** The block with its host bits cleared, or why it is none. */
function readBlock(entry: string): Block | string {
  const [text = '', bits, ...rest] = entry.split('/');
  const address = readAddress(text);
  if (!address || rest.length > 0 || bits?.includes('.')) {
    return wrong(entry);
  }
  const length = address.kind() === 'ipv6' ? 128 : 32;
  if (bits !== undefined && !/^(0|[1-9]\d{0,2})$/.test(bits)) {
    return 'is no CIDR block: a number of bits belongs behind the slash, such as /24';
  }
  const prefix = bits === undefined ? length : Number(bits);
  if (prefix > length) {
    return `has more bits behind the slash than its address: at most ${length}`;
  }
  const block = unmapped({ network: address, prefix });
  if (block.prefix <= 0) {
    return 'is the whole internet: give the addresses of this server alone';
  }
  return { ...block, network: masked(block.network, block.prefix) };
}

/** `::ffff:9.9.9.9` is an IPv4 address in the clothes of IPv6. */
function unmapped(block: Block): Block {
  const { network, prefix } = block;
  return network instanceof ipaddr.IPv6 && network.isIPv4MappedAddress()
    ? { network: network.toIPv4Address(), prefix: prefix - 96 }
    : block;
}

/** Strictly: the library also takes `0x7f.1` and `010.0.0.1`, which everybody reads differently. */
function readAddress(text: string): Address | undefined {
  if (ipaddr.IPv4.isValidFourPartDecimal(text)) {
    return ipaddr.IPv4.parse(text);
  }
  return text.includes(':') && !text.includes('%') && ipaddr.IPv6.isValid(text)
    ? ipaddr.IPv6.parse(text)
    : undefined;
}

function wrong(entry: string): string {
  if (/%/.test(entry)) {
    return 'names an interface of this machine (%): such an address means nothing elsewhere';
  }
  if (/^(\d+\.){3}\d+:\d+$|^\[.*\](:\d+)?$/.test(entry)) {
    return 'has brackets or a port: give the address alone';
  }
  if (/^[\d.]+-[\d.]+$|^[\da-f:]+-[\da-f:]+$/i.test(entry)) {
    return 'is a range: write it as CIDR blocks, such as 198.51.100.0/24';
  }
  if (/^(\d+\.){3}\d+\/\d+\./.test(entry)) {
    return 'has a mask: write the number of its bits, such as /24';
  }
  if (/^0\d|\.0\d/.test(entry) || /^[\d.:/]+$/.test(entry)) {
    return 'is no IPv4 or IPv6 address';
  }
  return /^[\p{L}\p{N}._-]+(:\d+)?$/u.test(entry) && /\p{L}/u.test(entry)
    ? 'is a name: give the addresses that it stands for, firewalls know nothing else'
    : 'is no IPv4 or IPv6 address and no CIDR block';
}

function remarks(
  entry: string,
  block: Block,
  others: readonly Block[]
): string[] {
  const said: string[] = [];
  const address = write(block);
  const { network, prefix } = block;
  const length = network.kind() === 'ipv6' ? 128 : 32;
  if (isOtherNetwork(entry, block)) {
    said.push(
      `${entry} was written as ${address}: ${prefix < length ? 'the bits behind the prefix are no part of a block' : 'it is that IPv4 address'}.`
    );
  }
  const kind = unseen[network.range()];
  if (kind) {
    said.push(`${address} is ${kind}: no firewall on the internet sees it.`);
  } else if (network.range() !== 'unicast') {
    said.push(
      `${address} is in a reserved range (${network.range()}): it is hardly an address of a server.`
    );
  }
  if (prefix < suspicious[network.kind()]) {
    said.push(`${address} is a large part of the internet: look again.`);
  }
  const wider = others.find(other => contains(other, block));
  if (wider) {
    said.push(`${address} is in ${write(wider)} already.`);
  }
  return said;
}

/** Another network than what was typed; not merely another way to write it. */
function isOtherNetwork(entry: string, { network }: Block): boolean {
  const typed = readAddress(entry.split('/')[0] ?? '');
  return (
    typed !== undefined &&
    typed.toNormalizedString() !== network.toNormalizedString()
  );
}

export function contains(wider: Block, { network, prefix }: Block): boolean {
  return (
    wider.network.kind() === network.kind() &&
    wider.prefix <= prefix &&
    network.match(wider.network as never, wider.prefix)
  );
}

function masked(address: Address, prefix: number): Address {
  const bytes = address
    .toByteArray()
    .map((byte, index) => byte & maskByte(prefix - index * 8));
  return ipaddr.fromByteArray(bytes);
}

function maskByte(bits: number): number {
  return bits >= 8 ? 0xff : bits <= 0 ? 0 : (0xff << (8 - bits)) & 0xff;
}

function write({ network, prefix }: Block): string {
  const full = network.kind() === 'ipv6' ? 128 : 32;
  // RFC 5952 for IPv6.
  const address = network.toString();
  return prefix === full ? address : `${address}/${prefix}`;
}
