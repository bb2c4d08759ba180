import { FieldProblem, isoTime } from '../../intake/fields';

test.each([['2026-03-02T09:15:30Z', '2026-03-02T09:15:30.000Z'], ['2026-03-02 09:15:30.123456789', '2026-03-02T09:15:30.123Z'], ['2026-03-02T09:15:30.1+0100', '2026-03-02T08:15:30.100Z'], ['2024-02-29T00:00:00Z', '2024-02-29T00:00:00.000Z']])('%s is a time', (given, time) => expect(isoTime(given, 'at')).toBe(time));
test.each(['2026-\u0000{-02T09:24:30Z', '2026-02-31T00:00:00Z', '2026-13-01T00:00:00Z', '2026-03-02T24:00:01Z', '2026-03-02', 'now', '2026-(x)02T09:24:30Z', '٢٠٢٦-03-02T09:15:30Z'])('%j is none', (given) => {
  expect(() => isoTime(given, 'at')).toThrow(expect.any(FieldProblem) as never);
});
