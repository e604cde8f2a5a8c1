import { configure } from '@testing-library/react';

// Milliseconds: what is waited for comes at once, but a machine that is busy may take seconds to get to it.
configure({ asyncUtilTimeout: 60_000 });
