import type { AlertType, HighRiskEvent, Risk } from '../model/verdict';
import type { AwsTest, Kin } from './types';

type Options = { test?: AwsTest; risk?: Risk; type?: AlertType; failureMatters?: boolean };

/** A maker of entries for one row: its risk and type are the row's unless said otherwise. */
export const kinOf =
  (event: HighRiskEvent, type: AlertType, risk: Risk) =>
  (service: string, techniques: string[], calls: string[], options: Options = {}): Kin => ({
    service, calls, event, techniques, type: options.type ?? type, risk: options.risk ?? risk, test: options.test ?? 'always', failureMatters: options.failureMatters ?? false,
  });
