import { config } from 'zod';

// Must be the first import of the page: zod otherwise probes for `new Function` while the contract's schemas are built,
// which the content security policy forbids and reports.
config({ jitless: true });
