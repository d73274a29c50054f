import assert from 'node:assert/strict';
import { test } from 'node:test';

import { asCidr, readAddresses } from './addresses.js';

const given = [
  '107.22.50.0',
  '18.214.47.38',
  '3.217.84.43',
  '3.229.1.246',
  '3.230.201.213',
  '44.216.70.44',
  '52.21.216.28',
  '52.55.205.54',
  '54.144.37.244',
  '54.165.20.26',
  '54.235.42.8',
  '54.242.142.100'
];

test('addresses stay as they are, in their order, without a remark', () => {
  assert.deepEqual(readAddresses(given), {
    addresses: given,
    remarks: [],
    refused: []
  });
});

test('a pasted list is taken apart', () => {
  assert.deepEqual(readAddresses(['1.1.1.1, 8.8.8.8;\n9.9.9.9 ']).addresses, [
    '1.1.1.1',
    '8.8.8.8',
    '9.9.9.9'
  ]);
});

test('one address is one entry, however it is written', () => {
  const written = [
    '9.9.9.9',
    '9.9.9.9/32',
    '::ffff:9.9.9.9',
    '2620:FE:0:0:0::FE',
    '2620:fe::fe/128'
  ];
  assert.deepEqual(readAddresses(written).addresses, [
    '9.9.9.9',
    '2620:fe::fe'
  ]);
  assert.deepEqual(readAddresses(['::ffff:9.9.9.9']).remarks, [
    '::ffff:9.9.9.9 was written as 9.9.9.9: it is that IPv4 address.'
  ]);
});

test('host bits of a block are cleared, and that is said', () => {
  const { addresses, remarks } = readAddresses([
    '18.214.47.38/20',
    '2620:fe::fe/33',
    '18.214.47.0/24',
    '::ffff:9.9.9.9/120'
  ]);
  assert.deepEqual(addresses, [
    '18.214.32.0/20',
    '2620:fe::/33',
    '18.214.47.0/24',
    '9.9.9.0/24'
  ]);
  assert.equal(remarks.length, 4);
  assert.match(remarks[0] ?? '', /^18.214.47.38\/20 was written as 18.214.32/);
  assert.match(remarks[1] ?? '', /^2620:fe::fe\/33 was written as 2620:fe::/);
  assert.equal(remarks[2], '18.214.47.0/24 is in 18.214.32.0/20 already.');
  assert.match(remarks[3] ?? '', /was written as 9.9.9.0\/24/);
});

test('addresses that nobody outside sees are taken with a remark', () => {
  for (const [address, remark] of [
    ['10.1.2.3', /a private address/],
    ['172.31.0.0/16', /a private address/],
    ['192.168.1.1', /a private address/],
    ['fd00::1', /a private address/],
    ['100.64.3.4', /the network of a provider/],
    ['169.254.1.1', /one network cable/],
    ['fe80::1', /one network cable/],
    ['127.0.0.1', /the machine itself/],
    ['::1', /the machine itself/],
    ['224.0.0.5', /multicast/],
    ['255.255.255.255', /broadcast/],
    ['0.0.0.0', /no address of a machine/],
    ['203.0.113.9', /reserved range/],
    ['2001:db8::1', /reserved range/],
    ['11.0.0.0/8', /large part of the internet/],
    ['2000::/3', /large part of the internet/]
  ] as const) {
    const { addresses, remarks, refused } = readAddresses([address]);
    assert.deepEqual(refused, [], address);
    assert.equal(addresses.length, 1, address);
    assert.match(remarks.join(' '), remark, address);
  }
});

test('what is no address is refused, with the reason that fits', () => {
  for (const [entry, reason] of [
    ['db.example.org', /is a name/],
    ['db.example.org:5432', /is a name/],
    ['localhost', /is a name/],
    ['1.2.3.4:5432', /brackets or a port/],
    ['[2620:fe::fe]:22', /brackets or a port/],
    ['[2620:fe::fe]', /brackets or a port/],
    ['1.2.3.4-1.2.3.9', /is a range/],
    ['1.2.3.0/255.255.255.0', /has a mask/],
    ['1.2.3.4/33', /more bits/],
    ['2620:fe::/129', /more bits/],
    ['1.2.3.4/', /number of bits/],
    ['1.2.3.4/08', /number of bits/],
    ['0.0.0.0/0', /whole internet/],
    ['::/0', /whole internet/],
    ['::ffff:0:0/96', /whole internet/],
    ['::ffff:9.9.9.9/40', /whole internet/],
    ['fe80::1%eth0', /names an interface/],
    ['010.1.2.3', /no IPv4/],
    ['1.2.3', /no IPv4/],
    ['0x7f.0.0.1', /is a name|no IPv4/],
    ['256.1.1.1', /no IPv4/],
    ['1.2.3.4/24/5', /no IPv4/],
    ['2620:fe:::fe', /no IPv4/],
    ["1.2.3.4'--", /no IPv4/],
    ['$(id)', /no IPv4/]
  ] as const) {
    const { addresses, refused } = readAddresses([entry]);
    assert.deepEqual(addresses, [], entry);
    assert.equal(refused[0]?.entry, entry);
    assert.match(refused[0]?.reason ?? '', reason, entry);
  }
});

test('what is right is kept beside what is refused', () => {
  const { addresses, refused } = readAddresses(['9.9.9.9', 'here', '1.1.1.1']);
  assert.deepEqual(addresses, ['9.9.9.9', '1.1.1.1']);
  assert.equal(refused.length, 1);
});

test('every entry has a form with its bits', () => {
  assert.deepEqual(['9.9.9.9', '9.9.9.0/24', '2620:fe::fe'].map(asCidr), [
    '9.9.9.9/32',
    '9.9.9.0/24',
    '2620:fe::fe/128'
  ]);
});
