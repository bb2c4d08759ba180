import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client, Connection } from '@temporalio/client';
import { startTemporal, testServerPath } from '../../sandbox/temporal';

const say = (): void => undefined;
const searchAttributes = [{ name: 'TestSeverity', type: 'KEYWORD' }, { name: 'TestOpenedAt', type: 'DATETIME' }] as const;

test('Temporal starts with namespace, search attributes and codec, keeps its history over a restart, and says when its port is taken', async () => {
  const dbFile = join(mkdtempSync(join(tmpdir(), 'tourniquet-temporal-')), 'temporal.sqlite');
  const first = await startTemporal({ dbFile, searchAttributes, codecEndpoint: 'http://127.0.0.1:9/codec', say });
  try {
    expect(first.address).toMatch(/^127\.0\.0\.1:\d+$/);
    const connection = await Connection.connect({ address: first.address });
    const { customAttributes } = await connection.operatorService.listSearchAttributes({ namespace: first.namespace });
    expect(Object.keys(customAttributes ?? {})).toEqual(expect.arrayContaining(['TestSeverity', 'TestOpenedAt']));
    expect(await (await fetch(`${first.uiUrl}/api/v1/settings`)).json()).toMatchObject({ Codec: { Endpoint: 'http://127.0.0.1:9/codec' } });
    await new Client({ connection, namespace: first.namespace }).workflow.start('waits', { taskQueue: 'nobody', workflowId: 'survives' });
    await connection.close();
    const port = Number(first.address.split(':')[1]);
    await expect(startTemporal({ port, searchAttributes, say })).rejects.toThrow(`port ${port} is taken`);
  } finally {
    await first.stop();
  }
  const second = await startTemporal({ dbFile, searchAttributes, say });
  try {
    const connection = await Connection.connect({ address: second.address });
    expect((await new Client({ connection, namespace: second.namespace }).workflow.getHandle('survives').describe()).status.name).toBe('RUNNING');
    await connection.close();
  } finally {
    await second.stop();
  }
}, 600_000);

test('a server that cannot start says why', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'tourniquet-temporal-'));
  const dbFile = join(folder, 'not-a-database');
  writeFileSync(dbFile, 'plain text, longer than a SQLite header would be, so that it is looked at and refused');
  await expect(startTemporal({ dbFile, searchAttributes: [], say })).rejects.toThrow(/Temporal ended while starting:\n.*not a database/s);
});

test('the time-skipping test server is there', async () => {
  expect(await testServerPath()).toMatch(/temporal-test-server$/);
}, 300_000);
