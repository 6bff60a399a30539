// What takes the worker's place in the page: loaded only where the worker could not be.
export { Keeper } from "./keeper.ts";
export { MemoryShelf } from "./shelf.ts";
