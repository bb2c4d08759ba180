import { cloudtrail } from './cloudtrail';
import { sts } from './sts';
import type { Afters, Handlers } from './types';

/** What the gateway answers itself, by service. */
export const handlers: Record<string, Handlers> = { cloudtrail, sts };

/** What it does besides, after the emulator accepted the call. */
export const afters: Record<string, Afters> = {};
