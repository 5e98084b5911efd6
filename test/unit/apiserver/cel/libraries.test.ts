/** The libraries that Kubernetes adds to CEL, by the examples of their documentation and the edges of their types. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CelError, compile, isRejected, type CelValue } from '../../../../src/apiserver/cel/index.ts';

const VARIABLES = { types: new Map() };

function run(text: string): CelValue {
  const program = compile(text, VARIABLES);
  assert.ok(!isRejected(program), isRejected(program) ? `${text}: ${program.problem}` : '');
  return program.run(() => undefined);
}

const TRUE: readonly string[] = [
  // Lists and sets.
  '[1, 2, 3].isSorted() && ![2, 1].isSorted() && [].isSorted()',
  '[1, 3].sum() == 4 && [1.0, 3.0].sum() == 4.0 && [].sum() == 0 && [duration("1s")].sum() == duration("1s")',
  '["b", "a"].min() == "a" && [1, 3, 2].max() == 3',
  '[1, 2, 2, 3].indexOf(2) == 1 && [1, 2, 2, 3].lastIndexOf(2) == 2 && ["a"].indexOf("b") == -1',
  '[3, 1, 2].sort() == [1, 2, 3] && [1, 2].reverse() == [2, 1] && [1, 1, 2].distinct() == [1, 2]',
  '["xyz", "a"].sortBy(e, e.size()) == ["a", "xyz"] && lists.range(3) == [0, 1, 2]',
  '[1, 2, 3, 4].slice(1, 3) == [2, 3] && [[1], [2, 3]].flatten() == [1, 2, 3]',
  '[1, 2].first().value() == 1 && [1, 2].last().value() == 2 && ![].first().hasValue()',
  'sets.contains([1, 2], [2]) && sets.equivalent([1, 1], [1]) && sets.intersects([1], [1, 2]) && !sets.contains([1], [2])',
  // Regular expressions.
  '"abc 123".find("[0-9]+") == "123" && "abc".find("[0-9]+") == ""',
  '"123 abc 456".findAll("[0-9]+") == ["123", "456"] && "123 abc 456".findAll("[0-9]+", 1) == ["123"]',
  '"a1".matches("^[[:alpha:]]\\\\d$") && matches("x", "(?i)X")',
  // URLs.
  'url("https://user@example.com:80/a%20b?k=v&k=w").getHost() == "example.com:80"',
  'url("https://[::1]:80/").getHostname() == "::1" && url("https://[::1]:80/").getPort() == "80"',
  'url("https://example.com/path with spaces/").getEscapedPath() == "/path%20with%20spaces/"',
  'url("https://example.com/?k1=a&k2=b&k2=c").getQuery() == {"k1": ["a"], "k2": ["b", "c"]}',
  'url("/path").getScheme() == "" && url("/path").getHost() == "" && isURL("../relative") == false && isURL("https://a")',
  // Quantities.
  'quantity("1.5G").isInteger() && !quantity("100m").isInteger() && isQuantity("20Mi") && !isQuantity("20Mee")',
  'quantity("50k").add(20).sub(quantity("20")) == quantity("50k") && quantity("50k").sub(50000).sign() == 0',
  'quantity("50M").compareTo(quantity("50Mi")) == -1 && quantity("200M").isGreaterThan(quantity("0.2Gi")) == false',
  'quantity("50000000G").asInteger() == 50000000000000000 && quantity("50.703k").asApproximateFloat() == 50703.0',
  // Addresses.
  'isIP("127.0.0.1") && isIP("::1") && !isIP("127.0.0.256") && !isIP("::ffff:1.2.3.4") && !isIP("fe80::1%eth0") && !isIP("01.2.3.4")',
  'ip("::1").family() == 6 && ip("127.0.0.1").isLoopback() && ip("0.0.0.0").isUnspecified() && ip("fe80::1").isLinkLocalUnicast()',
  'ip("224.0.0.1").isLinkLocalMulticast() && ip("ff02::1").isLinkLocalMulticast() && ip("192.168.0.1").isGlobalUnicast()',
  '!ip("255.255.255.255").isGlobalUnicast() && ip("2001:db8::abcd").isGlobalUnicast() && !ip("ff00::1").isGlobalUnicast()',
  'ip.isCanonical("2001:db8::abcd") && !ip.isCanonical("2001:0db8::ABCD") && string(ip("::ABCD:0:0")) == "::abcd:0:0"',
  'string(ip("0:0:0:0:0:0:0:0")) == "::" && string(ip("1::0")) == "1::" && string(ip("::1.2.3.4")) == "::102:304"',
  'cidr("192.168.0.0/24").containsIP("192.168.0.9") && !cidr("192.168.0.0/24").containsIP(ip("192.168.1.0"))',
  'cidr("10.0.0.0/8").containsCIDR("10.1.0.0/16") && !cidr("10.0.0.0/8").containsCIDR(cidr("0.0.0.0/0"))',
  'cidr("192.168.1.5/24").masked() == cidr("192.168.1.0/24") && cidr("::1/128").prefixLength() == 128 && isCIDR("1.2.3.4/33") == false',
  'string(cidr("10.0.0.0/8").ip()) == "10.0.0.0" && string(cidr("10.0.0.0/8")) == "10.0.0.0/8"',
  // Formats.
  '!format.dns1123Label().validate("my-label").hasValue() && format.dns1123Label().validate("My").hasValue()',
  'format.named("dns1123Subdomain").hasValue() && !format.named("odd").hasValue() && !format.uuid().validate("123e4567-e89b-12d3-a456-426614174000").hasValue()',
  '!format.dns1123LabelPrefix().validate("a-").hasValue() && format.date().validate("2021-13-01").value() == ["invalid date"]',
  // Semantic versions.
  'isSemver("1.0.0") && !isSemver("v1.0") && isSemver("v1.0", true) && semver("v01.01", true) == semver("1.1.0")',
  'semver("1.2.3").isLessThan(semver("1.10.0")) && semver("1.0.0-alpha.1").isLessThan(semver("1.0.0-alpha.beta")) && semver("1.0.0").isGreaterThan(semver("1.0.0-rc"))',
  'semver("1.2.3").major() == 1 && semver("1.2.3").minor() == 2 && semver("1.2.3").patch() == 3 && semver("1.0.0+a").compareTo(semver("1.0.0+b")) == 0',
];

for (const text of TRUE) test(text, () => assert.equal(run(text), true));

const FAILURES: readonly (readonly [string, string])[] = [
  ['[].min()', 'min called on empty list'],
  ['quantity("1.5").asInteger()', 'cannot convert value to integer'],
  ['quantity("x")', "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'"],
  ['ip("x")', 'IP Address "x" parse error during conversion from string: unable to parse IP'],
  ['[1].slice(0, 2)', 'cannot slice(0, 2), list is length 1'],
];

for (const [text, message] of FAILURES) {
  test(`${text} fails`, () => assert.throws(() => run(text), new CelError(message)));
}
