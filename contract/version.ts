/** Version of the product, shown in the status bar and written into the lease. */
export const PRODUCT_VERSION = '0.1.0';

/**
 * Version of the wire contract between engine, faces and pty host. Raised on any change an older peer could not
 * read; peers of different protocols refuse each other with one readable line.
 */
export const PROTOCOL_VERSION = 1;
