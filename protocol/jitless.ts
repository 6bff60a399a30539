// Imported before anything that parses: the page's policy forbids making code from text, and zod would otherwise try.
import * as z from "zod/mini";

z.config({ jitless: true });
