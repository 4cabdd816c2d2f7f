import type { IntegrationCase } from './suite/integration-case.ts';
import { transactionClientCases } from './suite/transaction-client-cases.ts';
import { transactionCases } from './suite/transaction-cases.ts';
import { transactionFencingCases } from './suite/transaction-fencing-cases.ts';
import { transactionOffsetCases } from './suite/transaction-offset-cases.ts';

/** The part of the integration suite that is about transactions, by subject: the same list for every broker. */
export const transactionsSuite: Readonly<Record<string, readonly IntegrationCase[]>> = {
  transactions: transactionCases,
  'fencing of transactions': transactionFencingCases,
  'offsets in transactions': transactionOffsetCases,
  'transactions of a client': transactionClientCases,
};
