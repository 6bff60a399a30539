// Writing a file so that whoever looks finds the old one or the new one, whole, also after the power fails.
import { open, rename, unlink } from "node:fs/promises";
import { dirname } from "node:path";

let made = 0;

export async function writeDurably(path: string, data: Uint8Array | string): Promise<void> {
  made += 1;
  const temporary = `${path}.${process.pid}-${made}.tmp`;
  try {
    const file = await open(temporary, "w");
    try {
      await file.writeFile(data);
      await file.datasync();
    } finally {
      await file.close();
    }
    await rename(temporary, path);
  } catch (error) {
    await unlink(temporary).catch((cause: NodeJS.ErrnoException) => {
      if (cause.code !== "ENOENT") throw new AggregateError([error, cause], `writing ${path}`);
    });
    throw error;
  }
  // The name is durable only when its folder is.
  const folder = await open(dirname(path), "r");
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}
