import type { House } from './house';

/** Posts one event to intake as EventBridge’s API destination or a forwarder of an Event Hub does; tries again on 503. */
export async function send(house: Pick<House, 'intake' | 'secrets'>, source: string, event: object, sender: 'EVENTBRIDGE_SENDER_KEY' | 'EVENTHUB_SENDER_KEY' = 'EVENTBRIDGE_SENDER_KEY'): Promise<{ status: number; body: { status?: string; incident?: string } }> {
  for (let attempt = 1; ; attempt += 1) {
    const response = await fetch(`${house.intake}/alerts/${source}`, {
      method: 'POST', headers: { authorization: `Bearer ${house.secrets[sender]}`, 'content-type': 'application/json' }, body: JSON.stringify(event),
    });
    const body = (await response.json()) as { status?: string; incident?: string };
    if (response.status !== 503 || attempt >= 10) return { status: response.status, body };
    await new Promise((resolve) => setTimeout(resolve, 500));
  }
}
